import { expect, test } from "vitest";
import type { TargetLicenseHolder, TargetLicenses } from "../../../src/plugins/contract.js";
import { eventually } from "../../support/eventually.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { appNamed, deviceNamed, handlesOf, startTenant, stepTo, type Tenant } from "./tenant.js";

function booksOf({ connection }: Pick<Tenant, "connection">): TargetLicenses {
  if (!connection.licenses) throw new Error("No books");
  return connection.licenses;
}

const tokenOf = ({ world }: Tenant): string => [...world.tokens.keys()][0] ?? "";

async function holdersOf(tenant: Tenant, name = "App 1"): Promise<readonly TargetLicenseHolder[]> {
  const { adamId } = await appNamed(tenant, name);
  return (await booksOf(tenant).holders(tokenOf(tenant), adamId, null, CALM)).records;
}

async function install(tenant: Tenant, device: string, licensing: "user" | "device" = "device"): Promise<void> {
  await handlesOf(tenant, await stepTo(tenant, device, { licensing }));
  await tenant.control("/check-in");
}

/** Asks until it is finished. @returns how often it was asked. */
async function synced(tenant: Tenant): Promise<number> {
  for (let times = 1; times < 200; times += 1) {
    if ((await booksOf(tenant).sync(tokenOf(tenant), CALM)).finished) return times;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("It never finished");
}

test("a token comes with its names, its country and its end", async () => {
  const tenant = await startTenant();
  const [token] = await booksOf(tenant).tokens(CALM);
  expect(token).toMatchObject({
    externalId: tokenOf(tenant),
    name: "Token 1",
    organization: "Example Organization",
    locationId: null,
    locationName: "Example Location 1",
    country: "US",
    state: "valid",
  });
  expect(token?.expiresAt?.getTime()).toBeGreaterThan(Date.now());
});

test.each([
  ["expired", "expired"],
  ["invalid", "invalid"],
  ["assignedToExternalMDM", "claimed-elsewhere"],
  ["duplicateLocationId", "valid"],
  ["unknown", "valid"],
])("a token that Intune calls %s is %s", async (state, expected) => {
  const tenant = await startTenant();
  await tenant.control("/token", { state });
  expect((await booksOf(tenant).tokens(CALM))[0]?.state).toBe(expected);
});

test("apps come with Apple's number from their store address, and with Intune's counts", async () => {
  const tenant = await startTenant({ apps: 5 });
  await install(tenant, "Device 1");
  const { records } = await booksOf(tenant).apps(tokenOf(tenant), null, CALM);
  expect(records).toHaveLength(5);
  expect(records[0]).toEqual({
    adamId: "6450000001",
    pricingParam: "STDQ",
    name: "App 1",
    bundleId: "com.example.app1",
    platforms: ["iOS"],
    deviceAssignable: true,
    totalCount: 10,
    assignedCount: 1,
  });
  expect(records[4]).toMatchObject({ adamId: "6450000005", platforms: ["macOS"] });
});

test("an app for both platforms is one app", async () => {
  const tenant = await startTenant();
  await tenant.control("/buy-app", { number: 1, licenses: 10, mac: true });
  const { records } = await booksOf(tenant).apps(tokenOf(tenant), null, CALM);
  expect(records.filter(({ adamId }) => adamId === "6450000001")).toMatchObject([
    { platforms: ["iOS", "macOS"], totalCount: 10 },
  ]);
});

test("each token has its own apps", async () => {
  const tenant = await startTenant();
  const second = (await tenant.control("/add-token")) as { id: string };
  await tenant.control("/buy-app", { token: second.id, number: 1, licenses: 3 });
  expect((await booksOf(tenant).apps(second.id, null, CALM)).records).toMatchObject([
    { adamId: "6450000001", totalCount: 3 },
  ]);
  expect((await booksOf(tenant).apps(tokenOf(tenant), null, CALM)).records).toHaveLength(3);
});

test("v1.0 tells apps apart by the names of their tokens, and says so where that does not do", async () => {
  const tenant = await startTenant();
  const connection = await tenant.connect({ api: "v1.0" });
  expect((await booksOf({ connection }).apps(tokenOf(tenant), null, CALM)).records).toHaveLength(3);
  const second = (await tenant.control("/add-token")) as { id: string };
  await tenant.control("/token", { token: second.id, appleId: "content-manager-1@allotment.example" });
  await expect(booksOf({ connection }).apps(tokenOf(tenant), null, CALM)).rejects.toMatchObject({ kind: "config" });
});

test("who holds licenses is told by device and by user", async () => {
  const tenant = await startTenant();
  await install(tenant, "Device 1");
  await install(tenant, "Device 2", "user");
  const [, user] = tenant.world.users.keys();
  expect(await holdersOf(tenant)).toEqual([
    { kind: "device", externalId: deviceNamed(tenant, "Device 1") },
    { kind: "user", externalId: user },
  ]);
});

test("with v1.0 nobody's licenses are known, and taking them back is left to removals", async () => {
  const tenant = await startTenant();
  await install(tenant, "Device 1");
  const { licenses } = await tenant.connect({ api: "v1.0" });
  const holder = { kind: "device" as const, externalId: deviceNamed(tenant, "Device 1") };
  expect((await licenses?.holders(tokenOf(tenant), "6450000001", null, CALM))?.records).toEqual([]);
  await licenses?.revoke(tokenOf(tenant), "6450000001", [holder], CALM);
  expect(await holdersOf(tenant)).toEqual([holder]);
});

test("a synchronisation is asked for once, and waited for", async () => {
  const tenant = await startTenant({ switches: { syncMs: 30 } });
  expect(await synced(tenant)).toBeGreaterThan(1);
  expect(tenant.requests().filter(({ path }) => path.endsWith("/syncLicenses"))).toHaveLength(1);
  await synced(tenant);
  expect(tenant.requests().filter(({ path }) => path.endsWith("/syncLicenses"))).toHaveLength(2);
});

test("one that somebody else has begun is waited for", async () => {
  const tenant = await startTenant({ switches: { syncMs: 800 } });
  const other = await tenant.connect();
  await other.licenses?.sync(tokenOf(tenant), CALM);
  await synced(tenant);
  expect(tenant.requests().filter(({ path }) => path.endsWith("/syncLicenses"))).toHaveLength(1);
});

test("one that fails says so, and the next one is a new one", async () => {
  const tenant = await startTenant();
  await tenant.control("/token", { failsNextSync: true });
  await expect(synced(tenant)).rejects.toMatchObject({ kind: "transient" });
  await synced(tenant);
});

test("where it may not be asked for, what Intune read by itself is taken", async () => {
  const tenant = await startTenant();
  await tenant.control("/permissions", {
    remove: ["DeviceManagementServiceConfig.ReadWrite.All"],
    add: ["DeviceManagementServiceConfig.Read.All"],
  });
  expect(await synced(tenant)).toBe(1);
});

test("counts may be as old as the last synchronisation", async () => {
  const tenant = await startTenant({ switches: { counts: "atSync" } });
  await install(tenant, "Device 1");
  const counted = async () => (await booksOf(tenant).apps(tokenOf(tenant), null, CALM)).records[0]?.assignedCount;
  expect(await counted()).toBe(0);
  await synced(tenant);
  expect(await counted()).toBe(1);
});

async function leak(tenant: Tenant): Promise<TargetLicenseHolder[]> {
  const [user] = tenant.world.users.keys();
  const device = deviceNamed(tenant, "Device 1");
  await tenant.control("/give-license", { app: "App 1", managedDeviceId: device });
  await tenant.control("/give-license", { app: "App 1", userId: user });
  return [
    { kind: "device", externalId: device },
    { kind: "user", externalId: user ?? "" },
  ];
}

test("licenses are taken back from devices and users, each by a call of its own", async () => {
  const tenant = await startTenant();
  const holders = await leak(tenant);
  const { adamId } = await appNamed(tenant);
  await booksOf(tenant).revoke(tokenOf(tenant), adamId, holders, CALM);
  expect(await holdersOf(tenant)).toEqual([]);
});

test("one that is not held is done, and nothing is asked", async () => {
  const tenant = await startTenant();
  const { adamId } = await appNamed(tenant);
  const nobody = { kind: "user" as const, externalId: "nobody" };
  await booksOf(tenant).revoke(tokenOf(tenant), adamId, [nobody], CALM);
  expect(tenant.requests().filter(({ path }) => path.includes("revoke"))).toEqual([]);
});

test("one that is being taken back already is not asked for again", async () => {
  const tenant = await startTenant({ switches: { revokeMs: 60_000 } });
  const holders = await leak(tenant);
  const { adamId } = await appNamed(tenant);
  const revoke = () => booksOf(tenant).revoke(tokenOf(tenant), adamId, holders, CALM);
  expect(await revoke()).toEqual({ finished: false });
  expect(await revoke()).toEqual({ finished: false });
  expect(tenant.requests().filter(({ path }) => path.includes("revoke"))).toHaveLength(2);
});

test("one that fails in the end is told when it is looked at again, and then asked for anew", async () => {
  const tenant = await startTenant({ switches: { revokeMs: 50, revokeFailure: "appleFailure" } });
  const [holder] = await leak(tenant);
  const { adamId } = await appNamed(tenant);
  const revoke = () => booksOf(tenant).revoke(tokenOf(tenant), adamId, holder ? [holder] : [], CALM);
  expect(await revoke()).toEqual({ finished: false });
  const [app] = tenant.world.apps.values();
  await eventually(
    async () => (app?.revocations[0]?.actionState === "failed" ? true : null),
    () => app?.revocations,
  );
  await expect(revoke()).rejects.toMatchObject({ kind: "transient", options: { vendorCode: "appleFailure" } });
  await tenant.control("/switches", { revokeFailure: "none", revokeMs: 0 });
  expect(await revoke()).toEqual({ finished: true });
  expect(app?.revocations).toHaveLength(2);
});

test.each([
  ["expiredVppToken", "rejected"],
  ["expiredApplePushNotificationCertificate", "config"],
  ["appleFailure", "transient"],
] as const)("a failure by %s is told, and asked for anew the next time", async (revokeFailure, kind) => {
  const tenant = await startTenant({ switches: { revokeFailure } });
  const holders = await leak(tenant);
  const { adamId } = await appNamed(tenant);
  const revoke = () => booksOf(tenant).revoke(tokenOf(tenant), adamId, holders, CALM);
  await expect(revoke()).rejects.toMatchObject({ kind, options: { vendorCode: revokeFailure } });
  await tenant.control("/switches", { revokeFailure: "none" });
  await revoke();
  expect(await holdersOf(tenant)).toEqual([]);
});

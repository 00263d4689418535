import { expect, test } from "vitest";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { startTenant, type Tenant } from "./tenant.js";

async function checked({ connection }: Pick<Tenant, "connection">) {
  const { ok, apns, findings } = await connection.check(CALM);
  return { ok, apns, findings, codes: findings.map(({ code, severity }) => `${severity} ${code}`) };
}

test("a tenant where everything is granted has nothing to find", async () => {
  const tenant = await startTenant();
  const { ok, apns, findings } = await checked(tenant);
  expect({ ok, findings, state: apns.state }).toEqual({ ok: true, findings: [], state: "valid" });
  expect(apns.expiresAt?.getTime()).toBeGreaterThan(Date.now());
});

test.each([
  ["DeviceManagementServiceConfig.ReadWrite.All", "DeviceManagementServiceConfig.Read.All", false],
  ["DeviceManagementApps.ReadWrite.All", "DeviceManagementApps.Read.All", false],
  ["DeviceManagementManagedDevices.Read.All", "DeviceManagementManagedDevices.Read.All", false],
  ["User.Read.All", "User.Read.All", false],
  ["Device.Read.All", "Device.Read.All", true],
])("without %s it says so, and how to mend it", async (permission, named, ok) => {
  const tenant = await startTenant();
  await tenant.control("/permissions", { remove: [permission] });
  const found = await checked(tenant);
  expect(found.ok).toBe(ok);
  expect(found.findings).toContainEqual(
    expect.objectContaining({ code: "PERMISSION_MISSING", remedy: expect.stringContaining(named) }),
  );
});

test("a permission that only reads is told from one that writes, though nothing is written to try", async () => {
  const tenant = await startTenant();
  await tenant.control("/permissions", {
    remove: [
      "DeviceManagementApps.ReadWrite.All",
      "DeviceManagementServiceConfig.ReadWrite.All",
      "Group.ReadWrite.All",
    ],
    add: ["DeviceManagementApps.Read.All", "DeviceManagementServiceConfig.Read.All", "GroupMember.Read.All"],
  });
  const { ok, findings } = await checked(tenant);
  expect(ok).toBe(false);
  expect(findings.map(({ severity, message }) => `${severity}: ${message.replace(/[:.].*/, "")}`)).toEqual([
    "warning: The app registration may not have VPP tokens synchronised",
    "error: The app registration may not assign apps",
    "warning: The app registration may not make groups",
  ]);
  expect(tenant.requests().filter(({ method, path }) => method !== "GET" && !path.endsWith("/token"))).toEqual([]);
});

test("an access token that cannot be read hides only what writing would show", async () => {
  const tenant = await startTenant({ switches: { accessToken: "opaque" } });
  expect((await checked(tenant)).codes).toEqual([]);
  await tenant.control("/permissions", { remove: ["User.Read.All"] });
  expect((await checked(tenant)).codes).toEqual(["error PERMISSION_MISSING"]);
});

test("a tenant that refuses what is granted has no Intune license, perhaps", async () => {
  const tenant = await startTenant();
  await tenant.control("/license-tenant", { licensed: false });
  const { ok, findings } = await checked(tenant);
  expect(ok).toBe(false);
  expect(findings).toContainEqual(
    expect.objectContaining({ code: "REFUSED_BY_TENANT", remedy: expect.stringContaining("Intune license") }),
  );
});

test.each([
  ["is shown at the top", "entity"],
  ["is shown inside a value", "inValue"],
] as const)("an APNs certificate that %s is read", async (_, apnsShape) => {
  const tenant = await startTenant({ switches: { apnsShape } });
  await tenant.control("/push-certificate", { expiresInDays: 10 });
  const { apns } = await checked(tenant);
  expect(apns.state).toBe("valid");
  expect(Math.round(((apns.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(10);
});

test("one that has expired, or is not there, stops installs", async () => {
  const tenant = await startTenant();
  await tenant.control("/push-certificate", { expiresInDays: -1 });
  expect(await checked(tenant)).toMatchObject({ ok: false, apns: { state: "expired" }, codes: ["error APNS_EXPIRED"] });
  await tenant.control("/push-certificate", { gone: true });
  expect(await checked(tenant)).toMatchObject({ ok: false, apns: { state: "missing" }, codes: ["error APNS_MISSING"] });
});

test.each([
  ["expired", "error VPP_TOKEN_EXPIRED", false],
  ["invalid", "error VPP_TOKEN_INVALID", false],
  ["assignedToExternalMDM", "error VPP_TOKEN_CLAIMED_ELSEWHERE", false],
  ["duplicateLocationId", "warning VPP_TOKEN_DUPLICATE", true],
])("a VPP token that is %s is found", async (state, code, ok) => {
  const tenant = await startTenant();
  await tenant.control("/token", { state });
  const found = await checked(tenant);
  expect(found).toMatchObject({ ok, codes: [code] });
  expect(found.findings[0]?.message).toContain('"Token 1"');
});

test("a bad token is a warning while another works", async () => {
  const tenant = await startTenant();
  await tenant.control("/add-token");
  await tenant.control("/token", { state: "expired" });
  expect(await checked(tenant)).toMatchObject({ ok: true, codes: ["warning VPP_TOKEN_EXPIRED"] });
});

test("a tenant without a token has nothing to deploy", async () => {
  const tenant = await startTenant();
  tenant.world.tokens.clear();
  expect(await checked(tenant)).toMatchObject({ ok: false, codes: ["error NO_VPP_TOKEN"] });
});

test("v1.0 alone says what it does without", async () => {
  const tenant = await startTenant();
  const connection = await tenant.connect({ api: "v1.0" });
  expect(await checked({ connection })).toMatchObject({ ok: true, codes: ["info WITHOUT_BETA"] });
  expect(tenant.requests().filter(({ path }) => path.startsWith("/beta"))).toEqual([]);
});

test("a cloud without beta is told to be set to v1.0", async () => {
  const tenant = await startTenant();
  await tenant.control("/fail-next", { path: "/beta/", status: 404, code: "UnknownVersion" });
  await expect(tenant.connection.check(CALM)).rejects.toMatchObject({
    kind: "config",
    message: expect.stringContaining("v1.0"),
  });
});

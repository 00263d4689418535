import { expect, test } from "vitest";
import { CALM } from "../../support/plugins/connect-plugin.js";
import {
  apply,
  appNamed,
  assignmentsOf,
  deviceNamed,
  FOREIGN,
  groupNamed,
  handlesOf,
  startTenant,
  stepTo,
  type Tenant,
  whole,
} from "./tenant.js";

/** Devices in a group of the plugin's own for App 1, by name. */
function inOwn({ world }: Tenant, purpose: string): string[] {
  const [app] = world.apps.values();
  const group = [...world.groups.values()].find(({ uniqueName }) => uniqueName === `allotment-${app?.id}-${purpose}`);
  const names = new Map([...world.directoryDevices.values()].map(({ id, displayName }) => [id, displayName]));
  return [...(group?.members ?? [])].map((id) => names.get(id) ?? world.users.get(id)?.displayName ?? id).sort();
}

async function installWhole(tenant: Tenant, fields = {}): Promise<string[]> {
  const collection = whole(tenant, "Pilot devices");
  const devices = ["Device 1", "Device 2", "Device 3"];
  return handlesOf(
    tenant,
    ...(await Promise.all(devices.map((name) => stepTo(tenant, name, { ...collection, ...fields })))),
  );
}

test("a whole group gets one assignment, beside those of others", async () => {
  const tenant = await startTenant();
  await installWhole(tenant);
  expect(assignmentsOf(tenant)).toEqual([...FOREIGN, "Pilot devices required device direct"]);
});

test("no call ever replaces the whole list", async () => {
  const tenant = await startTenant();
  await installWhole(tenant);
  await installWhole(tenant, { action: "remove" });
  expect(tenant.requests().filter(({ path }) => path.endsWith("/assign"))).toEqual([]);
});

test("the licensing of the deployment is that of the assignment", async () => {
  const tenant = await startTenant();
  await installWhole(tenant, { licensing: "user" });
  expect(assignmentsOf(tenant).at(-1)).toBe("Pilot devices required user direct");
});

test("a group is told nothing twice", async () => {
  const tenant = await startTenant();
  await installWhole(tenant);
  const before = tenant.requests().length;
  await installWhole(tenant);
  expect(
    tenant
      .requests()
      .slice(before)
      .filter(({ method, path }) => method === "POST" && path.endsWith("/assignments")),
  ).toEqual([]);
  expect(assignmentsOf(tenant)).toHaveLength(3);
});

test("the same step again gives the same handle", async () => {
  const tenant = await startTenant();
  const step = await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices"));
  const [first] = await handlesOf(tenant, step);
  const [second] = await handlesOf({ connection: await tenant.connect() }, step);
  expect(second).toBe(first);
  expect(Buffer.byteLength(first ?? "")).toBeLessThan(2048);
});

test("a flip takes the one assignment away and adds the other", async () => {
  const tenant = await startTenant();
  await installWhole(tenant);
  await installWhole(tenant, { action: "remove" });
  expect(assignmentsOf(tenant)).toEqual([...FOREIGN, "Pilot devices uninstall device direct"]);
  await installWhole(tenant);
  expect(assignmentsOf(tenant)).toEqual([...FOREIGN, "Pilot devices required device direct"]);
});

test("an assignment whose answer was lost is found again, and counts", async () => {
  const tenant = await startTenant();
  await tenant.control("/fail-next", { path: "/assignments", method: "POST", mode: "afterEffect" });
  const step = await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices"));
  await expect(tenant.connection.apply([step], CALM)).rejects.toMatchObject({ kind: "transient" });
  await handlesOf(tenant, step);
  expect(assignmentsOf(tenant)).toHaveLength(3);
});

test("one that somebody made at the same moment is a success after another look", async () => {
  const tenant = await startTenant();
  const { id } = groupNamed(tenant, "Pilot devices");
  const [app] = tenant.world.apps.values();
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (init?.method === "POST" && String(input).endsWith("/assignments")) {
      await tenant.control("/foreign-assignment", { app: app?.id, group: id, intent: "required" });
    }
    return globalThis.fetch(input, init);
  };
  const connection = await tenant.connect({}, { fetch });
  await handlesOf({ connection }, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  expect(tenant.requests().some(({ path, answer }) => path.endsWith("/assignments") && answer === 400)).toBe(true);
});

test.each([
  ["made available by somebody", { intent: "available" }, /available/],
  ["assigned by a policy set", { intent: "uninstall", source: "policySets" }, /policy set/],
])("a group that was %s is left alone, and the steps fail with what to do", async (_, foreign, words) => {
  const tenant = await startTenant();
  await tenant.control("/foreign-assignment", { app: "App 1", group: "Pilot devices", ...foreign });
  const before = assignmentsOf(tenant);
  const [outcome] = await apply(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  expect(outcome).toMatchObject({
    outcome: "failed",
    failure: { code: "REJECTED_BY_TARGET", detail: expect.stringMatching(words) },
  });
  expect(assignmentsOf(tenant)).toEqual(before);
});

test.each([
  ["an exclusion", { "@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget" }, /excluded/],
  ["a filter", { deviceAndAppManagementAssignmentFilterId: "10000000-0000-4000-8000-00000000f117" }, /filter/],
])("%s of the group is left alone", async (_, target, words) => {
  const tenant = await startTenant();
  await tenant.control("/foreign-assignment", { app: "App 1", group: "Pilot devices" });
  const [app] = tenant.world.apps.values();
  if (app) app.assignments = app.assignments.map((one) => ({ ...one, target: { ...one.target, ...target } }));
  const [outcome] = await apply(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  expect(outcome).toMatchObject({ outcome: "failed", failure: { detail: expect.stringMatching(words) } });
  expect(app?.assignments).toHaveLength(3);
});

test("what a policy set requires already is as it is wanted", async () => {
  const tenant = await startTenant();
  await tenant.control("/foreign-assignment", { app: "App 1", group: "Pilot devices", source: "policySets" });
  await installWhole(tenant);
  expect(assignmentsOf(tenant)).toHaveLength(3);
});

test("a device without a collection is reached by a group of our own, which an admin knows by its name", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  expect(inOwn(tenant, "required-device")).toEqual(["Device 1"]);
  expect(assignmentsOf(tenant)).toEqual([...FOREIGN, "allotment-required-device required device direct"]);
  const own = [...tenant.world.groups.values()].find(({ uniqueName }) => uniqueName !== null);
  expect(own?.displayName).toBe("Allotment: App 1 (required, device licensing)");
});

test("more devices enter the same group, in requests of twenty", async () => {
  const tenant = await startTenant({ users: 0, devices: 45, mixed: false, switches: { pageSize: 10 } });
  const names = Array.from({ length: 45 }, (_, index) => `Device ${index + 1}`);
  await handlesOf(tenant, ...(await Promise.all(names.map((name) => stepTo(tenant, name)))));
  expect(inOwn(tenant, "required-device")).toHaveLength(45);
  const patches = tenant
    .requests()
    .filter(({ method, body }) => method === "PATCH" && JSON.stringify(body).includes("odata.bind"));
  expect(patches).toHaveLength(3);
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  expect(inOwn(tenant, "required-device")).toHaveLength(45);
});

test("a device that has left its group is removed alone, and installed anew with the group when it is back", async () => {
  const tenant = await startTenant();
  await installWhole(tenant);
  const serial = tenant.world.devices.get(deviceNamed(tenant, "Device 1"))?.serialNumber;
  await tenant.control("/change-members", { group: "Pilot devices", remove: [serial] });
  await handlesOf(tenant, await stepTo(tenant, "Device 1", { action: "remove" }));
  expect(inOwn(tenant, "uninstall-device")).toEqual(["Device 1"]);
  expect(assignmentsOf(tenant)).toContain("Pilot devices required device direct");
  await tenant.control("/change-members", { group: "Pilot devices", add: [serial] });
  await handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  expect(inOwn(tenant, "uninstall-device")).toEqual([]);
});

test("a flip of a device alone moves it from the one group to the other", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"), await stepTo(tenant, "Device 2"));
  await handlesOf(tenant, await stepTo(tenant, "Device 1", { action: "remove" }));
  expect([inOwn(tenant, "required-device"), inOwn(tenant, "uninstall-device")]).toEqual([["Device 2"], ["Device 1"]]);
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  expect([inOwn(tenant, "required-device"), inOwn(tenant, "uninstall-device")]).toEqual([["Device 1", "Device 2"], []]);
});

test("another licensing is another group, and a device is in one of them", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  await handlesOf(tenant, await stepTo(tenant, "Device 1", { licensing: "user" }));
  expect([inOwn(tenant, "required-device"), inOwn(tenant, "required-user")]).toEqual([[], ["Device 1"]]);
});

test("a removal that something required would undo fails at once, and says what", async () => {
  const tenant = await startTenant();
  await tenant.control("/foreign-assignment", { app: "App 1", group: "Nested pilots" });
  const [outcome, other] = await apply(
    tenant,
    await stepTo(tenant, "Device 1", { action: "remove" }),
    await stepTo(tenant, "Device 5", { action: "remove" }),
  );
  expect(outcome).toMatchObject({
    outcome: "failed",
    failure: { code: "REJECTED_BY_TARGET", detail: expect.stringContaining(groupNamed(tenant, "Nested pilots").id) },
  });
  expect(other?.outcome).toBe("accepted");
  expect(inOwn(tenant, "uninstall-device")).toEqual(["Device 5"]);
});

test("a device that is not known to Intune fails alone", async () => {
  const tenant = await startTenant();
  const step = await stepTo(tenant, "Device 1");
  const [known, unknown] = await apply(tenant, step, {
    ...step,
    key: "other",
    device: { ...step.device, externalId: "nobody" },
  });
  expect(known?.outcome).toBe("accepted");
  expect(unknown).toMatchObject({ outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } });
});

test("a device of User Enrollment can only use its user's license", async () => {
  const tenant = await startTenant({ users: 5, devices: 10, userless: 0 });
  const [byDevice, byUser] = await apply(
    tenant,
    await stepTo(tenant, "Device 10"),
    await stepTo(tenant, "Device 10", { licensing: "user" }),
  );
  expect(byDevice).toMatchObject({ outcome: "failed", failure: { code: "NOT_SUPPORTED", remedy: expect.any(String) } });
  expect(byUser?.outcome).toBe("accepted");
});

test("a device without a user can only use a license of its own", async () => {
  const tenant = await startTenant();
  const [byUser, byDevice] = await apply(
    tenant,
    await stepTo(tenant, "Device 6", { licensing: "user" }),
    await stepTo(tenant, "Device 6"),
  );
  expect(byUser).toMatchObject({ outcome: "failed", failure: { code: "NOT_SUPPORTED" } });
  expect(byDevice?.outcome).toBe("accepted");
});

test("a device that the directory does not know is reached through its user, if the license is the user's", async () => {
  const tenant = await startTenant();
  await tenant.control("/device", { device: "Device 1", registered: false });
  const [byDevice, byUser] = await apply(
    tenant,
    await stepTo(tenant, "Device 1"),
    await stepTo(tenant, "Device 1", { licensing: "user" }),
  );
  expect(byDevice).toMatchObject({ outcome: "failed", failure: { code: "NOT_SUPPORTED", remedy: expect.any(String) } });
  expect(byUser?.outcome).toBe("accepted");
  expect(inOwn(tenant, "required-user")).toEqual(["User 1"]);
});

test("an app for Macs is assigned with the settings of its kind, and only to Macs", async () => {
  const tenant = await startTenant({ users: 5, devices: 10, apps: 5 });
  const app = await appNamed(tenant, "App 5");
  const [mac, phone] = await apply(
    tenant,
    await stepTo(tenant, "Device 9", { app }),
    await stepTo(tenant, "Device 1", { app }),
  );
  expect(mac?.outcome).toBe("accepted");
  expect(phone).toMatchObject({ outcome: "failed", failure: { code: "NOT_SUPPORTED" } });
  const assigned = [...tenant.world.apps.values()].find(({ displayName }) => displayName === "App 5")?.assignments[0];
  expect(assigned?.settings).toEqual({
    "@odata.type": "#microsoft.graph.macOsVppAppAssignmentSettings",
    useDeviceLicensing: true,
  });
});

test("what goes wrong with one app spoils no other", async () => {
  const tenant = await startTenant();
  const other = await stepTo(tenant, "Device 1", { app: await appNamed(tenant, "App 2") });
  const step = await stepTo(tenant, "Device 1");
  await tenant.control("/app", { app: "App 1", publishingState: "processing" });
  const [broken, fine] = await apply(tenant, step, other);
  expect(broken).toMatchObject({ outcome: "failed", failure: { code: "REJECTED_BY_TARGET" } });
  expect(fine?.outcome).toBe("accepted");
});

test("throttling in the midst puts the rest off, and keeps what is done", async () => {
  const tenant = await startTenant();
  const now = new Date();
  const connection = await tenant.connect({}, { now: () => now });
  const steps = [
    await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")),
    await stepTo(tenant, "Device 1", { app: await appNamed(tenant, "App 2"), ...whole(tenant, "Pilot devices") }),
    await stepTo(tenant, "Device 1", { app: await appNamed(tenant, "App 3"), ...whole(tenant, "Pilot devices") }),
  ];
  const [, second] = tenant.world.apps.values();
  await tenant.control("/fail-next", { path: `${second?.id}/assignments`, method: "POST", status: 429, retryAfter: 9 });
  const outcomes = await apply({ connection }, ...steps);
  const until = new Date(now.getTime() + 9000);
  expect(outcomes).toMatchObject([
    { outcome: "accepted" },
    { outcome: "deferred", until },
    { outcome: "deferred", until },
  ]);
});

test("throttling of a part of a batch counts as throttling", async () => {
  const tenant = await startTenant();
  const step = await stepTo(tenant, "Device 1");
  await tenant.control("/fail-next", { path: "/v1.0/devices", status: 429, retryAfter: 3 });
  await expect(tenant.connection.apply([step], CALM)).rejects.toMatchObject({
    kind: "transient",
    options: { retryAfterMs: 3000 },
  });
  await handlesOf(tenant, step);
});

test("a group that the directory does not know everywhere yet is tried again, not given up", async () => {
  const tenant = await startTenant();
  const step = await stepTo(tenant, "Device 1");
  await tenant.control("/fail-next", {
    path: "/v1.0/groups/",
    method: "PATCH",
    status: 404,
    code: "Request_ResourceNotFound",
  });
  await expect(tenant.connection.apply([step], CALM)).rejects.toMatchObject({ kind: "transient" });
  await handlesOf(tenant, step);
  expect(inOwn(tenant, "required-device")).toEqual(["Device 1"]);
});

test("groups of our own are made once, whoever makes them", async () => {
  const tenant = await startTenant();
  const step = await stepTo(tenant, "Device 1");
  const other = await tenant.connect();
  await Promise.all([handlesOf(tenant, step), handlesOf({ connection: other }, await stepTo(tenant, "Device 2"))]);
  expect([...tenant.world.groups.values()].filter(({ uniqueName }) => uniqueName !== null)).toHaveLength(1);
});

test("a step that looks after another one keeps its handle", async () => {
  const tenant = await startTenant();
  const [handle] = await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  const [outcome] = await apply(tenant, await stepTo(tenant, "Device 1", { action: "verify", handle: handle ?? "" }));
  expect(outcome).toMatchObject({ outcome: "accepted", handle });
});

test("an app is found once, and again", async () => {
  const tenant = await startTenant();
  const first = await appNamed(tenant);
  expect((await appNamed({ ...tenant, connection: await tenant.connect() })).applicationHandle).toBe(
    first.applicationHandle,
  );
});

test("an app that Intune does not have, or has not published, is told apart", async () => {
  const tenant = await startTenant();
  const app = await appNamed(tenant);
  await expect(tenant.connection.ensureApplication?.({ ...app, adamId: "1" }, CALM)).rejects.toMatchObject({
    kind: "rejected",
  });
  await tenant.control("/app", { app: "App 1", publishingState: "processing" });
  await expect(tenant.connection.ensureApplication?.(app, CALM)).rejects.toMatchObject({ kind: "transient" });
});

test("the same store app of another token is another app", async () => {
  const tenant = await startTenant();
  const second = (await tenant.control("/add-token")) as { id: string };
  await tenant.control("/buy-app", { token: second.id, number: 1, licenses: 5 });
  const app = await appNamed(tenant);
  const other = await tenant.connection.ensureApplication?.({ ...app, tokenExternalId: second.id }, CALM);
  expect(other?.handle).not.toBe(app.applicationHandle);
});

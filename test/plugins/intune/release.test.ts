import { expect, test } from "vitest";
import type { Release } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { appNamed, assignmentsOf, FOREIGN, handlesOf, startTenant, stepTo, type Tenant, whole } from "./tenant.js";

const ownGroups = ({ world }: Tenant) => [...world.groups.values()].filter(({ uniqueName }) => uniqueName !== null);

async function release(tenant: Tenant, fields: Partial<Release> = {}): Promise<void> {
  await tenant.connection.release?.({ app: await appNamed(tenant), collection: null, others: [], ...fields }, CALM);
}

test("a group that was addressed as a whole loses what is ours, and keeps what is others'", async () => {
  const tenant = await startTenant();
  const { collection } = whole(tenant, "Pilot devices");
  for (const action of ["install", "remove"] as const) {
    await handlesOf(tenant, await stepTo(tenant, "Device 1", { collection, action }));
    await release(tenant, { collection });
    await release(tenant, { collection });
    expect(assignmentsOf(tenant)).toEqual(FOREIGN);
  }
});

test.each([
  ["made available by somebody", { intent: "available" }],
  ["assigned by a policy set", { intent: "required", source: "policySets" }],
])("an app that was %s for the group stays so", async (_, foreign) => {
  const tenant = await startTenant();
  await tenant.control("/foreign-assignment", { app: "App 1", group: "Pilot devices", ...foreign });
  const before = assignmentsOf(tenant);
  await release(tenant, whole(tenant, "Pilot devices"));
  expect(assignmentsOf(tenant)).toEqual(before);
});

test("devices that were told alone before keep the app when their group loses it", async () => {
  const tenant = await startTenant();
  const collection = whole(tenant, "Pilot devices");
  await handlesOf(tenant, await stepTo(tenant, "Device 1", collection));
  await tenant.control("/check-in");
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  await release(tenant, collection);
  await tenant.control("/check-in");
  const [app] = tenant.world.apps.values();
  expect([...(app?.installed ?? [])].map((id) => tenant.world.devices.get(id)?.deviceName)).toEqual(["Device 1"]);
});

test("a group stays while it is addressed as the collection of its other kind", async () => {
  const tenant = await startTenant();
  const { collection } = whole(tenant, "Pilot devices");
  await handlesOf(tenant, await stepTo(tenant, "Device 1", { collection }));
  const [other] = [whole(tenant, "Pilot devices", "user").collection];
  await release(tenant, { collection, others: other ? [other] : [] });
  expect(assignmentsOf(tenant)).toEqual([...FOREIGN, "Pilot devices required device direct"]);
});

test("groups of our own go with what is assigned to them, those of other apps stay, and they can be made anew", async () => {
  const tenant = await startTenant({ apps: 2 });
  const other = await appNamed(tenant, "App 2");
  await handlesOf(tenant, await stepTo(tenant, "Device 1"), await stepTo(tenant, "Device 2", { app: other }));
  await handlesOf(tenant, await stepTo(tenant, "Device 1", { action: "remove" }));
  expect(ownGroups(tenant)).toHaveLength(3);
  await release(tenant);
  await release(tenant);
  expect(ownGroups(tenant).map(({ displayName }) => displayName)).toEqual([
    "Allotment: App 2 (required, device licensing)",
  ]);
  expect(assignmentsOf(tenant)).toEqual(FOREIGN);
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  expect(ownGroups(tenant)).toHaveLength(2);
});

test("an app or a group that is gone has nothing left to end", async () => {
  const tenant = await startTenant();
  const app = await appNamed(tenant);
  const collection = whole(tenant, "Pilot devices");
  await handlesOf(tenant, await stepTo(tenant, "Device 1", collection));
  tenant.world.groups.clear();
  await release(tenant, { app, ...collection });
  tenant.world.apps.clear();
  await tenant.connection.release?.({ app, others: [], ...collection }, CALM);
});

test("what could not be ended is an error, and is ended the next time", async () => {
  const tenant = await startTenant();
  const collection = whole(tenant, "Pilot devices");
  await handlesOf(tenant, await stepTo(tenant, "Device 1", collection));
  await tenant.control("/fail-next", { path: "/assignments/", method: "DELETE", status: 403, code: "Forbidden" });
  await expect(release(tenant, collection)).rejects.toMatchObject({ kind: "config" });
  await release(tenant, collection);
  expect(assignmentsOf(tenant)).toEqual(FOREIGN);
});

test("devices that pass from a group of ours to a whole one are never without the app", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  const before = tenant.requests().length;
  await handlesOf(tenant, await stepTo(tenant, "Device 1", whole(tenant, "Pilot devices")));
  const writes = tenant
    .requests()
    .slice(before)
    .filter(({ method, path }) => method !== "GET" && !path.endsWith("/$batch"))
    .map(({ method, path }) => `${method} ${path.includes("/members/") ? "member" : "assignment"}`);
  expect(writes).toEqual(["POST assignment", "DELETE member"]);
});

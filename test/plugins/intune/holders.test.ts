import { expect, test } from "vitest";
import type { CollectionRecord } from "../../../src/plugins/contract.js";
import { deviceNamed, groupNamed, handlesOf, listAll, startTenant, stepTo, type Tenant } from "./tenant.js";

const STOCK = { users: 4, devices: 10, userless: 2 };

async function collections({ connection }: Tenant, name: string): Promise<CollectionRecord[]> {
  return (await listAll(connection, "collection")).filter((record) => record.name === name);
}

const members = (record: CollectionRecord | undefined) => [...(record?.memberExternalIds ?? [])].sort();

test("users come with their sign-in names", async () => {
  const { connection, world } = await startTenant(STOCK);
  const users = await listAll(connection, "user");
  expect(users.map(({ externalId }) => externalId).sort()).toEqual([...world.users.keys()].sort());
  expect(users[0]).toMatchObject({
    principalName: "user1@allotment.example",
    displayName: "User 1",
    email: "user1@allotment.example",
    managedAppleId: null,
  });
});

test("Apple devices come, others do not; iPadOS is iOS, a Mac is a Mac", async () => {
  const tenant = await startTenant(STOCK);
  const devices = await listAll(tenant.connection, "device");
  expect(devices).toHaveLength(10);
  const platforms = new Map(devices.map(({ name, platform }) => [name, platform]));
  expect([platforms.get("Device 1"), platforms.get("Device 2"), platforms.get("Device 9")]).toEqual([
    "iOS",
    "iOS",
    "macOS",
  ]);
  expect(platforms.has("Windows 1")).toBe(false);
});

test("a device has its user, or none; a serial number that Intune hides is not told", async () => {
  const tenant = await startTenant({ ...STOCK, devices: 20, userless: 5 });
  const devices = new Map((await listAll(tenant.connection, "device")).map((device) => [device.name, device]));
  expect(devices.get("Device 1")?.userExternalId).toBe([...tenant.world.users.keys()][0]);
  expect(devices.get("Device 20")?.userExternalId).toBeNull();
  expect(devices.get("Device 1")?.serial).toBe("SG0010000001");
  expect(devices.get("Device 10")).not.toHaveProperty("serial");
  expect(devices.get("Device 10")).not.toHaveProperty("udid");
  expect(devices.get("Device 1")?.lastSeenAt).toBeInstanceOf(Date);
});

test.each(["retirePending", "wipeIssued", "somethingNew"])(
  "a device whose management is %s is still there",
  async (managementState) => {
    const tenant = await startTenant();
    await tenant.control("/device", { device: "Device 1", managementState });
    const device = (await listAll(tenant.connection, "device")).find(({ name }) => name === "Device 1");
    expect(device?.state).toBe("enrolled");
  },
);

test("a group of devices is a collection of those that Intune manages", async () => {
  const tenant = await startTenant(STOCK);
  const [record, ...others] = await collections(tenant, "All devices");
  expect(others).toEqual([]);
  expect(record).toMatchObject({ kind: "device", externalId: `device:${groupNamed(tenant, "All devices").id}` });
  expect(record?.memberExternalIds).toHaveLength(10);
  expect(record?.memberExternalIds).toContain(deviceNamed(tenant, "Device 10"));
  expect(record?.memberExternalIds).not.toContain(deviceNamed(tenant, "Windows 1"));
});

test("members of nested groups are members", async () => {
  const tenant = await startTenant(STOCK);
  const [nested] = await collections(tenant, "Nested pilots");
  const [pilots] = await collections(tenant, "Pilot devices");
  expect(members(nested)).toEqual(members(pilots));
  expect(nested?.memberExternalIds).toHaveLength(3);
});

test("a group of users is a collection of users", async () => {
  const tenant = await startTenant(STOCK);
  const [record, ...others] = await collections(tenant, "All users");
  expect(others).toEqual([]);
  expect(record?.kind).toBe("user");
  expect(members(record)).toEqual([...tenant.world.users.keys()].sort());
});

test("a group of both is one collection of its users and one of every device it reaches", async () => {
  const tenant = await startTenant(STOCK);
  const found = await collections(tenant, "Mixed");
  const [user] = [...tenant.world.users.keys()];
  const ofUser = [...tenant.world.devices.values()].filter(({ userId }) => userId === user).map(({ id }) => id);
  expect(found.map(({ kind }) => kind)).toEqual(["user", "device"]);
  expect(members(found[0])).toEqual([user]);
  expect(members(found[1])).toEqual([...ofUser, deviceNamed(tenant, "Device 10")].sort());
});

test("the collection of users stays what it was when a device enters the group", async () => {
  const tenant = await startTenant(STOCK);
  const [before] = await collections(tenant, "All users");
  await tenant.control("/change-members", {
    group: "All users",
    add: [tenant.world.devices.values().next().value?.serialNumber],
  });
  const [after] = (await collections(tenant, "All users")).filter(({ kind }) => kind === "user");
  expect(after).toEqual(before);
});

test("an empty group is a collection of either kind, unless a rule says of which", async () => {
  const tenant = await startTenant(STOCK);
  await tenant.control("/create-group", { name: "By rule", membershipRule: '(device.deviceOSType -eq "iOS")' });
  expect((await collections(tenant, "Empty")).map(({ kind }) => kind)).toEqual(["user", "device"]);
  expect((await collections(tenant, "By rule")).map(({ kind }) => kind)).toEqual(["device"]);
});

test("large groups are read to their end, and small pages of groups too", async () => {
  const tenant = await startTenant({ users: 9, devices: 12, switches: { pageSize: 2 } });
  const [record] = await collections(tenant, "All users");
  expect(record?.memberExternalIds).toHaveLength(9);
  expect((await collections(tenant, "All devices"))[0]?.memberExternalIds).toHaveLength(12);
});

test("groups that the plugin makes for itself are not listed", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  const names = (await listAll(tenant.connection, "collection")).map(({ name }) => name);
  expect([...tenant.world.groups.values()].some(({ uniqueName }) => uniqueName?.startsWith("allotment-"))).toBe(true);
  expect(names.filter((name) => name.startsWith("Allotment"))).toEqual([]);
});

test("those of another Allotment in the same tenant are theirs alone to hide", async () => {
  const tenant = await startTenant();
  await handlesOf(tenant, await stepTo(tenant, "Device 1"));
  const other = await tenant.connect({ groupPrefix: "second" });
  const names = (await listAll(other, "collection")).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith("Allotment"))).toHaveLength(1);
});

test("a filter keeps groups out", async () => {
  const tenant = await startTenant();
  const connection = await tenant.connect({ groupFilter: "startswith(displayName,'Pilot')" });
  const names = new Set((await listAll(connection, "collection")).map(({ name }) => name));
  expect([...names].sort()).toEqual(["Pilot devices", "Pilot users"]);
});

test("a connection that has listed no devices lists collections all the same", async () => {
  const tenant = await startTenant(STOCK);
  const [record] = await collections({ ...tenant, connection: await tenant.connect() }, "Pilot devices");
  expect(record?.memberExternalIds).toHaveLength(3);
});

test("a group that vanishes while it is read is left out", async () => {
  const tenant = await startTenant();
  const { id } = groupNamed(tenant, "Pilot users");
  await tenant.control("/fail-next", {
    path: `/groups/${id}/transitiveMembers`,
    status: 404,
    code: "Request_ResourceNotFound",
  });
  const names = (await listAll(tenant.connection, "collection")).map(({ name }) => name);
  expect(names).not.toContain("Pilot users");
  expect(names).toContain("All users");
});

test("a throttled part of a batch makes no listing that looks complete", async () => {
  const tenant = await startTenant();
  const { id } = groupNamed(tenant, "Pilot users");
  await tenant.control("/fail-next", {
    path: `/groups/${id}/transitiveMembers`,
    status: 429,
    code: "TooManyRequests",
    retryAfter: 4,
  });
  await expect(listAll(tenant.connection, "collection")).rejects.toMatchObject({
    kind: "transient",
    options: { retryAfterMs: 4000 },
  });
});

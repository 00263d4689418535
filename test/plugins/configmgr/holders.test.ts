import { afterEach, expect, test } from "vitest";
import type { AdminServiceSimulatorOptions } from "../../../simulators/adminservice/start-adminservice-simulator.js";
import type { HolderKind, HolderPage, HolderRecords, TargetConnection } from "../../../src/plugins/contract.js";
import { CALM } from "../../support/plugins/connect-plugin.js";
import { type Scene, setScene } from "./scene.js";

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.stop();
});

async function sceneWith(options: AdminServiceSimulatorOptions = {}): Promise<Scene> {
  const scene = await setScene(options);
  scenes.push(scene);
  return scene;
}

interface Listing<K extends HolderKind> {
  readonly records: HolderRecords[K][];
  readonly pages: number;
  readonly complete: boolean;
}

async function listAll<K extends HolderKind>(connection: TargetConnection, kind: K): Promise<Listing<K>> {
  const records: HolderRecords[K][] = [];
  for (let cursor: string | null = null, pages = 1; ; pages += 1) {
    const page: HolderPage<K> | undefined = await connection.listHolders?.(kind, cursor, CALM);
    if (!page) throw new Error("The plugin has no listing");
    records.push(...page.records);
    if (page.next === null) return { records, pages, complete: page.complete };
    cursor = page.next;
  }
}

test("users come with their sign-in name, where discovery has it", async () => {
  const { connection, simulator } = await sceneWith({ users: 2 });
  simulator.site.addUser({ domain: "EXAMPLE", name: "old", fullName: "Old Account", mail: null, principalName: null });
  const { records, complete } = await listAll(connection, "user");
  expect(records.map(({ principalName, displayName, email }) => [principalName, displayName, email])).toEqual([
    ["user1@example.com", "User 1", "user1@example.com"],
    ["user2@example.com", "User 2", "user2@example.com"],
    [null, "Old Account", null],
  ]);
  expect(complete).toBe(true);
});

test("devices come with serial number, platform and user, and those without a user, too", async () => {
  const { connection } = await sceneWith({ devices: 4, users: 1 });
  const { records: users } = await listAll(connection, "user");
  const { records } = await listAll(connection, "device");
  expect(records.map(({ serial, platform, state }) => [serial, platform, state])).toEqual(
    [1, 2, 3, 4].map((number) => [`SCCM0000000${number}`, "iOS", "enrolled"]),
  );
  expect(records[0]).toMatchObject({ udid: expect.stringMatching(/^[0-9a-f]{40}$/), lastSeenAt: expect.any(Date) });
  expect(records.map(({ userExternalId }) => userExternalId)).toEqual([
    ...Array<string | undefined>(3).fill(users[0]?.externalId),
    null,
  ]);
});

test("computers with Windows and phones of others are no devices, and Macs are if they are asked for", async () => {
  const scene = await sceneWith({ devices: 1, computers: 3 });
  await scene.control("/add-device", { serial: "ANDROID-1", os: "Android 9" });
  await scene.control("/add-device", { serial: "MAC-1", os: "Mac OS X 10.14.6", clientType: 1 });
  expect((await listAll(scene.connection, "device")).records.map(({ serial }) => serial)).toEqual(["SCCM00000001"]);
  const { records } = await listAll(await scene.connect({ devices: "all" }), "device");
  expect(records.map(({ serial, platform }) => [serial, platform])).toEqual([
    ["SCCM00000001", "iOS"],
    ["MAC-1", "macOS"],
  ]);
});

test("a decommissioned device is retired, and an obsolete record of one deleted", async () => {
  const scene = await sceneWith({ devices: 3 });
  await scene.control("/change-device", { serial: "SCCM00000001", decommissioned: true });
  await scene.control("/change-device", { serial: "SCCM00000002", obsolete: true });
  const { records } = await listAll(scene.connection, "device");
  expect(records.map(({ state }) => state)).toEqual(["retired", "deleted", "enrolled"]);
});

test("a serial number is found in the other inventory where a site has none of mobile devices", async () => {
  const { connection } = await sceneWith({ devices: 1, switches: { mobileInventory: false } });
  expect((await listAll(connection, "device")).records).toMatchObject([{ serial: "SCCM00000001", udid: null }]);
});

test("an inventory that the site does not know leaves devices without serial number, and one that is forbidden does not", async () => {
  const scene = await sceneWith({ devices: 1 });
  await scene.control("/fail-next", { class: "SMS_G_System_DEVICE_COMPUTERSYSTEM", status: 404 });
  expect((await listAll(scene.connection, "device")).records).toMatchObject([{ serial: null }]);
  await scene.control("/forbid", { class: "SMS_G_System_DEVICE_COMPUTERSYSTEM" });
  await expect(listAll(scene.connection, "device")).rejects.toMatchObject({ kind: "config" });
});

test("collections of users and of devices come with those of their members that are known", async () => {
  const scene = await sceneWith({ devices: 2, users: 2, computers: 2 });
  const { records, complete } = await listAll(scene.connection, "collection");
  const users = [...scene.simulator.site.users.keys()].map(String);
  expect(records.map(({ name, kind, memberExternalIds }) => [name, kind, memberExternalIds])).toEqual([
    ["SCCM iPads", "device", scene.devices],
    ["SCCM People", "user", users],
    ["All Systems", "device", scene.devices],
    ["All Users", "user", users],
  ]);
  expect(complete).toBe(true);
});

test("a collection that Allotment has made is never listed, this one's or another's", async () => {
  const scene = await sceneWith({ devices: 1 });
  const other = await scene.connect({ collectionPrefix: "Second Allotment" });
  const [device = ""] = scene.devices;
  await scene.connection.apply([scene.step(device)], CALM);
  await other.apply([scene.step(device)], CALM);
  const own = [...scene.simulator.site.collections.rows.values()].filter(({ name }) => name.includes("Allotment"));
  expect(own).toHaveLength(2);
  const { records } = await listAll(scene.connection, "collection");
  expect(records.filter(({ name }) => name.includes("Allotment"))).toEqual([]);
});

test.each(["nextLink", "topSkip", "topOnly", "ignored", "refused"] as const)(
  "a listing is whole where paging is %s",
  async (paging) => {
    const { connection } = await sceneWith({ devices: 1, users: 2100, switches: { paging, pageSize: 400 } });
    const { records, complete, pages } = await listAll(connection, "user");
    expect(new Set(records.map(({ externalId }) => externalId)).size).toBe(2100);
    expect(complete).toBe(true);
    expect(pages > 1).toBe(paging !== "ignored" && paging !== "refused");
  },
);

test("a listing of exactly the length of a page is complete only where the site shows that nothing follows", async () => {
  const complete = async (paging: "topSkip" | "topOnly") => {
    const { connection } = await sceneWith({ devices: 1, users: 997, switches: { paging } });
    return (await listAll(connection, "user")).complete;
  };
  expect(await complete("topSkip")).toBe(true);
  expect(await complete("topOnly")).toBe(false);
});

test("a link to the next page that names a host of the site's own is followed at the address in the settings", async () => {
  const { connection } = await sceneWith({ devices: 3, switches: { pageSize: 2, linkHost: "own" } });
  expect((await listAll(connection, "device")).records).toHaveLength(3);
});

test("a name with a quote in it is no part of the query's grammar", async () => {
  const scene = await sceneWith({ devices: 1, users: 1 });
  const user = scene.simulator.site.addUser({
    domain: "EXAMPLE",
    name: "o'hara",
    fullName: "Pat O'Hara",
    mail: null,
    principalName: "o'hara@example.com",
  });
  await scene.control("/change-device", { serial: "SCCM00000001", user: "o'hara" });
  const { records } = await listAll(scene.connection, "device");
  expect(records).toMatchObject([{ userExternalId: String(user.ResourceID) }]);
});

test("a cursor of somebody else's is refused", async () => {
  const { connection } = await sceneWith();
  await expect(connection.listHolders?.("user", "elsewhere", CALM)).rejects.toMatchObject({ kind: "internal" });
});

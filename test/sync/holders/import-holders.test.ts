import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mock } from "../../../src/plugins/mock/index.js";
import { confirmShrink } from "../../../src/sync/holders/confirm-shrink.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { requestImport } from "../../../src/sync/holders/request-import.js";
import { createTargetWorld, pluginWith, type TargetWorld } from "../targets/target-world.js";
import { forgetAll } from "./forget-all.js";
import { collectionRecord, deviceRecord, scriptedListing, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const first = scriptedListing("first");
const second = scriptedListing("second");
let world: TargetWorld;
let targetId: string;

beforeAll(async () => {
  world = await createTargetWorld([first.plugin, second.plugin, mock, pluginWith({}, { name: "deaf" })]);
});
afterAll(() => world.stop());

beforeEach(async () => {
  await forgetAll(world);
  for (const { listing } of [first, second]) {
    Object.assign(listing, { user: [], device: [], collection: [], failsAt: null });
    listing.complete = { user: true, device: true, collection: true };
  }
  targetId = await world.add("first", {}, "First");
});

const runImport = (id = targetId) => importHolders(world.core, { targetId: id });

test("gives way after each page to what is due at the target", async () => {
  first.listing.user = [userRecord("ann")];
  first.listing.device = [deviceRecord("phone")];
  const served: string[] = [];
  await importHolders(world.core, { targetId }, async (_core, id) => void served.push(id));
  expect(served).toEqual([targetId, targetId]);
});

async function members(externalId: string): Promise<string[]> {
  const found = await world.read<{ name: string }>(
    `SELECT COALESCE("user".display_name, device.name) AS name FROM collection_member member
     JOIN collection ON collection.id = member.collection_id
     LEFT JOIN "user" ON "user".id = member.user_id LEFT JOIN device ON device.id = member.device_id
     WHERE collection.external_id = $1 ORDER BY 1`,
    [externalId],
  );
  return found.map(({ name }) => name);
}

async function collectionId(externalId: string): Promise<string> {
  const [found] = await world.read<{ id: string }>("SELECT id FROM collection WHERE external_id = $1", [externalId]);
  return found?.id ?? "";
}

async function openAlerts(): Promise<string[]> {
  const found = await world.read<{ kind: string }>("SELECT kind FROM alert WHERE cleared_at IS NULL");
  return found.map(({ kind }) => kind);
}

/** Where rows stand in the table: a row that was written again has moved. */
async function places(): Promise<unknown[]> {
  return world.read(
    `SELECT 'user' AS what, ctid::text, xmin::text FROM "user" UNION ALL SELECT 'device', ctid::text, xmin::text FROM device
     UNION ALL SELECT 'alias', ctid::text, xmin::text FROM holder_alias
     UNION ALL SELECT 'member', ctid::text, xmin::text FROM collection_member
     UNION ALL SELECT 'collection', ctid::text, xmin::text FROM collection ORDER BY 1, 2`,
  );
}

const devices = (count: number) => Array.from({ length: count }, (_, index) => deviceRecord(`d${index}`));
const idsOf = (records: { externalId: string }[]) => records.map(({ externalId }) => externalId);

describe("an import", () => {
  test("brings users, their devices and collections", async () => {
    first.listing.user = [userRecord("ann")];
    first.listing.device = [deviceRecord("phone", { userExternalId: "ann" }), deviceRecord("kiosk")];
    first.listing.collection = [
      collectionRecord("people", "user", ["ann"]),
      collectionRecord("all", "device", ["kiosk", "phone"]),
    ];
    await runImport();
    expect(await members("people")).toEqual(["ann"]);
    expect(await members("all")).toEqual(["kiosk", "phone"]);
    const owned = await world.read('SELECT device.name FROM device JOIN "user" ON "user".id = device.user_id');
    expect(owned).toEqual([{ name: "phone" }]);
    const [target] = await world.read<{ complete: boolean }>(
      "SELECT holders_imported_at IS NOT NULL AND import_error IS NULL AS complete FROM target",
    );
    expect(target?.complete).toBe(true);
  });

  test("writes no row anew when nothing has changed", async () => {
    first.listing.user = [userRecord("ann")];
    first.listing.device = [deviceRecord("phone", { userExternalId: "ann", lastSeenAt: new Date() })];
    first.listing.collection = [collectionRecord("all", "device", ["phone"])];
    await runImport();
    const before = await places();
    await runImport();
    expect(await places()).toEqual(before);
  });

  test("makes one user and one device of what two targets report", async () => {
    const secondId = await world.add("second", {}, "Second");
    first.listing.user = [userRecord("ann", { principalName: "ann@x" })];
    second.listing.user = [userRecord("4711", { principalName: "ANN@x" })];
    first.listing.device = [deviceRecord("phone", { serial: "abc" })];
    second.listing.device = [deviceRecord("0815", { serial: "ABC", userExternalId: "4711" })];
    await runImport();
    await runImport(secondId);
    expect(await world.read('SELECT principal_name FROM "user"')).toEqual([{ principal_name: "ann@x" }]);
    expect(await world.read("SELECT serial, user_id IS NOT NULL AS owned FROM device")).toEqual([
      { serial: "ABC", owned: true },
    ]);
  });

  test("lets the deployments of the collections concerned look at their members", async () => {
    first.listing.user = [userRecord("ann"), userRecord("bob")];
    first.listing.device = [deviceRecord("phone", { userExternalId: "ann" })];
    first.listing.collection = [
      collectionRecord("people", "user", ["bob"]),
      collectionRecord("unused", "device", ["phone"]),
    ];
    await runImport();
    await useCollection(world, await collectionId("people"), targetId);
    await forgetJobs(world);
    await runImport();
    expect(await refreshedCollections(world)).toEqual([]);
    first.listing.device = [deviceRecord("phone", { userExternalId: "bob" })];
    await runImport();
    expect(await refreshedCollections(world)).toEqual([await collectionId("people")]);
  });

  test("says why it failed, and keeps what was read before", async () => {
    first.listing.user = [userRecord("ann")];
    first.listing.failsAt = "device";
    await runImport();
    const [target] = await world.read<{ import_error: string; holders_imported_at: Date | null }>(
      "SELECT import_error, holders_imported_at FROM target",
    );
    expect(target?.import_error).toMatch(/did not foresee/);
    expect(target?.holders_imported_at).toBeNull();
    expect(await world.read('SELECT display_name FROM "user"')).toEqual([{ display_name: "ann" }]);
    first.listing.failsAt = null;
    await runImport();
    expect(await world.read("SELECT import_error FROM target")).toEqual([{ import_error: null }]);
  });

  test("leaves out of names and serial numbers what cannot be stored", async () => {
    first.listing.user = [userRecord("ann", { displayName: "An\0n \ud800" })];
    first.listing.device = [deviceRecord("phone", { serial: "C02X\0\0", name: "Ann's \0phone 📱" })];
    first.listing.collection = [{ ...collectionRecord("all", "device", ["phone"]), name: "A\0ll" }];
    await runImport();
    expect(await world.read('SELECT display_name FROM "user"')).toEqual([{ display_name: "Ann" }]);
    expect(await world.read("SELECT serial, name FROM device")).toEqual([{ serial: "C02X", name: "Ann's phone 📱" }]);
    expect(await world.read("SELECT name FROM collection")).toEqual([{ name: "All" }]);
    expect(await world.read("SELECT import_error FROM target")).toEqual([{ import_error: null }]);
  });

  test.each<[string, object]>([
    ["externalId", { externalId: "pho\0ne" }],
    ["userExternalId", { userExternalId: "a\udfffnn" }],
    ["lastSeenAt", { lastSeenAt: new Date(Number.NaN) }],
    ["state", { state: "lost" }],
    ["serial", { serial: 4711 }],
  ])("says which record has an unusable %s, and takes nothing away", async (field, told) => {
    first.listing.device = devices(2);
    await runImport();
    first.listing.device = [{ ...deviceRecord("d0"), ...told }];
    await runImport();
    const [target] = await world.read<{ import_error: string | null }>("SELECT import_error FROM target");
    expect(target?.import_error).toContain(`device that cannot be used`);
    expect(target?.import_error).toContain(`: ${field}: `);
    expect(await world.read("SELECT DISTINCT state FROM device")).toEqual([{ state: "ENROLLED" }]);
  });

  test("does nothing at a target without a listing", async () => {
    const deaf = await world.add("deaf", {}, "Deaf");
    await runImport(deaf);
    expect(await world.read("SELECT import_error, holders_imported_at FROM target WHERE id = $1", [deaf])).toEqual([
      { import_error: null, holders_imported_at: null },
    ]);
  });

  test("takes in a hundred thousand devices", async () => {
    const large = await world.add("mock", { world: "large", users: 1000, devices: 100_000, userless: 0 }, "Large");
    await runImport(large);
    expect(await world.read("SELECT count(*)::int FROM device")).toEqual([{ count: 100_000 }]);
    expect(await world.read("SELECT import_error FROM target WHERE id = $1", [large])).toEqual([
      { import_error: null },
    ]);
    const [all] = await world.read<{ count: number }>(
      `SELECT count(*)::int FROM collection_member JOIN collection ON collection.id = collection_id
       WHERE external_id = 'all-devices'`,
    );
    expect(all?.count).toBe(100_000);
  });
});

describe("members of a mirrored collection", () => {
  test("leave after a complete listing", async () => {
    first.listing.device = devices(3);
    first.listing.collection = [collectionRecord("all", "device", ["d0", "d1", "d2"])];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", ["d0", "d2"])];
    await runImport();
    expect(await members("all")).toEqual(["d0", "d2"]);
  });

  test("only come after a listing that is not complete", async () => {
    first.listing.device = devices(3);
    first.listing.collection = [collectionRecord("all", "device", ["d0", "d1"])];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", ["d2"])];
    first.listing.complete.collection = false;
    await runImport();
    expect(await members("all")).toEqual(["d0", "d1", "d2"]);
  });

  test("stay when too many would leave, with an alert, until that is confirmed", async () => {
    first.listing.device = devices(50);
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(29)))];
    await runImport();
    expect(await members("all")).toHaveLength(50);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    await runImport();
    expect(await members("all")).toHaveLength(50);
    const id = await collectionId("all");
    await world.core.dataSource.transaction((tx) => confirmShrink(tx, world.core, id));
    await runImport();
    expect(await members("all")).toHaveLength(29);
    expect(await openAlerts()).toEqual([]);
  });

  test("are no longer held back when a listing shows them again", async () => {
    first.listing.device = devices(50);
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", [])];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    expect(await openAlerts()).toEqual([]);
    expect(await world.read("SELECT shrink_held_at FROM collection")).toEqual([{ shrink_held_at: null }]);
    first.listing.collection = [collectionRecord("all", "device", [])];
    await runImport();
    expect(await members("all")).toHaveLength(50);
  });

  test("leave when they are no more than twenty, whatever part of the collection that is", async () => {
    first.listing.device = devices(30);
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(30)))];
    await runImport();
    first.listing.collection = [collectionRecord("all", "device", idsOf(devices(10)))];
    await runImport();
    expect(await members("all")).toHaveLength(10);
  });

  test("go with a collection that the target has deleted, but a deployment keeps it, empty", async () => {
    first.listing.device = devices(2);
    first.listing.collection = [collectionRecord("used", "device", ["d0"]), collectionRecord("free", "device", ["d1"])];
    await runImport();
    await useCollection(world, await collectionId("used"), targetId);
    await forgetJobs(world);
    first.listing.collection = [];
    await runImport();
    expect(await world.read("SELECT external_id FROM collection")).toEqual([{ external_id: "used" }]);
    expect(await members("used")).toEqual([]);
    expect(await refreshedCollections(world)).toEqual([await collectionId("used")]);
  });
});

describe("a device", () => {
  test("that a complete listing no longer names counts as deleted, and comes back with the next one", async () => {
    first.listing.device = devices(2);
    await runImport();
    first.listing.device = devices(1);
    await runImport();
    const states = () => world.read("SELECT name, state FROM device ORDER BY name");
    expect(await states()).toEqual([
      { name: "d0", state: "ENROLLED" },
      { name: "d1", state: "DELETED" },
    ]);
    first.listing.device = devices(2);
    await runImport();
    expect(await states()).toEqual([
      { name: "d0", state: "ENROLLED" },
      { name: "d1", state: "ENROLLED" },
    ]);
  });

  test("stays enrolled when too many vanish at once", async () => {
    first.listing.device = devices(40);
    await runImport();
    first.listing.device = devices(10);
    await runImport();
    expect(await world.read("SELECT DISTINCT state FROM device")).toEqual([{ state: "ENROLLED" }]);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
  });

  test("counts as deleted with however many others once somebody has confirmed the loss", async () => {
    first.listing.device = devices(40);
    await runImport();
    first.listing.device = devices(10);
    await runImport();
    const { dataSource } = world.core;
    await dataSource.transaction((tx) => requestImport(tx, world.core, targetId, { confirmShrink: true }));
    await runImport();
    expect(await world.read("SELECT state, count(*)::int FROM device GROUP BY state ORDER BY state")).toEqual([
      { state: "DELETED", count: 30 },
      { state: "ENROLLED", count: 10 },
    ]);
    expect(await openAlerts()).toEqual([]);
  });

  test("that is reported as wiped keeps its row and its aliases", async () => {
    first.listing.device = [deviceRecord("phone")];
    await runImport();
    first.listing.device = [deviceRecord("phone", { state: "wiped" })];
    await runImport();
    expect(await world.read("SELECT state FROM device")).toEqual([{ state: "WIPED" }]);
    expect(await world.read("SELECT external_id FROM holder_alias")).toEqual([{ external_id: "phone" }]);
  });
});

describe("a person", () => {
  const people = (count: number) => Array.from({ length: count }, (_, index) => userRecord(`u${index}`));
  const left = async () =>
    (
      await world.read<{ name: string }>('SELECT display_name AS name FROM "user" WHERE left_at IS NOT NULL ORDER BY 1')
    ).map(({ name }) => name);

  test("whom a complete listing no longer names has left, and is back with the next one", async () => {
    first.listing.user = people(2);
    await runImport();
    first.listing.user = people(1);
    await runImport();
    expect(await left()).toEqual(["u1"]);
    first.listing.user = people(2);
    await runImport();
    expect(await left()).toEqual([]);
    expect(await world.read('SELECT id FROM "user"')).toHaveLength(2);
  });

  test("stays when the listing that does not name them was not complete", async () => {
    first.listing.user = people(2);
    await runImport();
    first.listing.user = people(1);
    first.listing.complete.user = false;
    await runImport();
    expect(await left()).toEqual([]);
  });

  test("has left only when the last of several targets no longer names them", async () => {
    const secondId = await world.add("second", {}, "Second");
    first.listing.user = [userRecord("ann", { principalName: "ann@x" })];
    second.listing.user = [userRecord("4711", { principalName: "ann@x", displayName: "ann" })];
    await runImport();
    await runImport(secondId);
    first.listing.user = [];
    await runImport();
    expect(await left()).toEqual([]);
    second.listing.user = [];
    await runImport(secondId);
    expect(await left()).toEqual(["ann"]);
    first.listing.user = [userRecord("ann", { principalName: "ann@x" })];
    await runImport();
    expect(await left()).toEqual([]);
  });

  test("is named by the targets that still know them", async () => {
    const secondId = await world.add("second", {}, "Second");
    first.listing.user = [userRecord("ann", { principalName: "ann@x" })];
    second.listing.user = [userRecord("4711", { principalName: "ann@x", displayName: "Ann Newname" })];
    await runImport();
    await runImport(secondId);
    first.listing.user = [];
    await runImport();
    await runImport(secondId);
    expect(await world.read('SELECT display_name FROM "user"')).toEqual([{ display_name: "Ann Newname" }]);
  });

  test("stays with all others when too many vanish at once, until that is confirmed", async () => {
    first.listing.user = people(40);
    await runImport();
    first.listing.user = people(10);
    await runImport();
    expect(await left()).toEqual([]);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    const { dataSource } = world.core;
    await dataSource.transaction((tx) => requestImport(tx, world.core, targetId, { confirmShrink: true }));
    await runImport();
    expect(await left()).toHaveLength(30);
    expect(await openAlerts()).toEqual([]);
  });

  test("who turns out to be another leaves that name behind", async () => {
    first.listing.user = [userRecord("ann"), userRecord("bob")];
    await runImport();
    first.listing.user = [userRecord("ann", { principalName: "bob@allotment.example" }), userRecord("bob")];
    await runImport();
    expect(await left()).toEqual(["ann"]);
  });

  test("asks their collections for another look when they come back", async () => {
    first.listing.user = people(1);
    first.listing.collection = [collectionRecord("people", "user", ["u0"])];
    await runImport();
    await useCollection(world, await collectionId("people"), targetId);
    await world.read('UPDATE "user" SET left_at = now()');
    await forgetJobs(world);
    await runImport();
    expect(await refreshedCollections(world)).toEqual([await collectionId("people")]);
  });
});

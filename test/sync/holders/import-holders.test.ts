import { describe, expect, test } from "vitest";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { devices, useImportWorld } from "./import-world.js";
import { collectionRecord, deviceRecord, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const { first, second, world, targetId, runImport, members, collectionId } = useImportWorld();

/** Where rows stand in the table: a row that was written again has moved. */
async function places(): Promise<unknown[]> {
  return world().read(
    `SELECT 'user' AS what, ctid::text, xmin::text FROM "user" UNION ALL SELECT 'device', ctid::text, xmin::text FROM device
     UNION ALL SELECT 'alias', ctid::text, xmin::text FROM holder_alias
     UNION ALL SELECT 'member', ctid::text, xmin::text FROM collection_member
     UNION ALL SELECT 'collection', ctid::text, xmin::text FROM collection ORDER BY 1, 2`,
  );
}

test("gives way after each page to what is due at the target", async () => {
  first.user = [userRecord("ann")];
  first.device = [deviceRecord("phone")];
  const served: string[] = [];
  await importHolders(world().core, { targetId: targetId() }, async (_core, id) => void served.push(id));
  expect(served).toEqual([targetId(), targetId()]);
});

describe("an import", () => {
  test("brings users, their devices and collections", async () => {
    first.user = [userRecord("ann")];
    first.device = [deviceRecord("phone", { userExternalId: "ann" }), deviceRecord("kiosk")];
    first.collection = [
      collectionRecord("people", "user", ["ann"]),
      collectionRecord("all", "device", ["kiosk", "phone"]),
    ];
    await runImport();
    expect(await members("people")).toEqual(["ann"]);
    expect(await members("all")).toEqual(["kiosk", "phone"]);
    const owned = await world().read('SELECT device.name FROM device JOIN "user" ON "user".id = device.user_id');
    expect(owned).toEqual([{ name: "phone" }]);
    const [target] = await world().read<{ complete: boolean }>(
      "SELECT holders_imported_at IS NOT NULL AND import_error IS NULL AS complete FROM target",
    );
    expect(target?.complete).toBe(true);
  });

  test("writes no row anew when nothing has changed", async () => {
    first.user = [userRecord("ann")];
    first.device = [deviceRecord("phone", { userExternalId: "ann", lastSeenAt: new Date() })];
    first.collection = [collectionRecord("all", "device", ["phone"])];
    await runImport();
    const before = await places();
    await runImport();
    expect(await places()).toEqual(before);
  });

  test("makes one user and one device of what two targets report", async () => {
    const secondId = await world().add("second", {}, "Second");
    first.user = [userRecord("ann", { principalName: "ann@x" })];
    second.user = [userRecord("4711", { principalName: "ANN@x" })];
    first.device = [deviceRecord("phone", { serial: "abc" })];
    second.device = [deviceRecord("0815", { serial: "ABC", userExternalId: "4711" })];
    await runImport();
    await runImport(secondId);
    expect(await world().read('SELECT principal_name FROM "user"')).toEqual([{ principal_name: "ann@x" }]);
    expect(await world().read("SELECT serial, user_id IS NOT NULL AS owned FROM device")).toEqual([
      { serial: "ABC", owned: true },
    ]);
  });

  test("lets the deployments of the collections concerned look at their members", async () => {
    first.user = [userRecord("ann"), userRecord("bob")];
    first.device = [deviceRecord("phone", { userExternalId: "ann" })];
    first.collection = [collectionRecord("people", "user", ["bob"]), collectionRecord("unused", "device", ["phone"])];
    await runImport();
    await useCollection(world(), await collectionId("people"), targetId());
    await forgetJobs(world());
    await runImport();
    expect(await refreshedCollections(world())).toEqual([]);
    first.device = [deviceRecord("phone", { userExternalId: "bob" })];
    await runImport();
    expect(await refreshedCollections(world())).toEqual([await collectionId("people")]);
  });

  test("says why it failed, and keeps what was read before", async () => {
    first.user = [userRecord("ann")];
    first.failsAt = "device";
    await runImport();
    const [target] = await world().read<{ import_error: string; holders_imported_at: Date | null }>(
      "SELECT import_error, holders_imported_at FROM target",
    );
    expect(target?.import_error).toMatch(/did not foresee/);
    expect(target?.holders_imported_at).toBeNull();
    expect(await world().read('SELECT display_name FROM "user"')).toEqual([{ display_name: "ann" }]);
    first.failsAt = null;
    await runImport();
    expect(await world().read("SELECT import_error FROM target")).toEqual([{ import_error: null }]);
  });

  test("leaves out of names and serial numbers what cannot be stored", async () => {
    first.user = [userRecord("ann", { displayName: "An\0n \ud800" })];
    first.device = [deviceRecord("phone", { serial: "C02X\0\0", name: "Ann's \0phone 📱" })];
    first.collection = [{ ...collectionRecord("all", "device", ["phone"]), name: "A\0ll" }];
    await runImport();
    expect(await world().read('SELECT display_name FROM "user"')).toEqual([{ display_name: "Ann" }]);
    expect(await world().read("SELECT serial, name FROM device")).toEqual([{ serial: "C02X", name: "Ann's phone 📱" }]);
    expect(await world().read("SELECT name FROM collection")).toEqual([{ name: "All" }]);
    expect(await world().read("SELECT import_error FROM target")).toEqual([{ import_error: null }]);
  });

  test.each<[string, object]>([
    ["externalId", { externalId: "pho\0ne" }],
    ["userExternalId", { userExternalId: "a\udfffnn" }],
    ["lastSeenAt", { lastSeenAt: new Date(Number.NaN) }],
    ["state", { state: "lost" }],
    ["serial", { serial: 4711 }],
  ])("says which record has an unusable %s, and takes nothing away", async (field, told) => {
    first.device = devices(2);
    await runImport();
    first.device = [{ ...deviceRecord("d0"), ...told }];
    await runImport();
    const [target] = await world().read<{ import_error: string | null }>("SELECT import_error FROM target");
    expect(target?.import_error).toContain(`device that cannot be used`);
    expect(target?.import_error).toContain(`: ${field}: `);
    expect(await world().read("SELECT DISTINCT state FROM device")).toEqual([{ state: "ENROLLED" }]);
  });

  test("does nothing at a target without a listing", async () => {
    const deaf = await world().add("deaf", {}, "Deaf");
    await runImport(deaf);
    expect(await world().read("SELECT import_error, holders_imported_at FROM target WHERE id = $1", [deaf])).toEqual([
      { import_error: null, holders_imported_at: null },
    ]);
  });

  test("takes in a hundred thousand devices", async () => {
    const large = await world().add("mock", { world: "large", users: 1000, devices: 100_000, userless: 0 }, "Large");
    await runImport(large);
    expect(await world().read("SELECT count(*)::int FROM device")).toEqual([{ count: 100_000 }]);
    expect(await world().read("SELECT import_error FROM target WHERE id = $1", [large])).toEqual([
      { import_error: null },
    ]);
    const [all] = await world().read<{ count: number }>(
      `SELECT count(*)::int FROM collection_member JOIN collection ON collection.id = collection_id
       WHERE external_id = 'all-devices'`,
    );
    expect(all?.count).toBe(100_000);
  });
});

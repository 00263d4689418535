import { describe, expect, test } from "vitest";
import { requestImport } from "../../../src/sync/holders/request-import.js";
import { devices, useImportWorld } from "./import-world.js";
import { collectionRecord, deviceRecord, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const { first, second, world, targetId, runImport, collectionId, openAlerts } = useImportWorld();

describe("a device", () => {
  test("that a complete listing no longer names counts as deleted, and comes back with the next one", async () => {
    first.device = devices(2);
    await runImport();
    first.device = devices(1);
    await runImport();
    const states = () => world().read("SELECT name, state FROM device ORDER BY name");
    expect(await states()).toEqual([
      { name: "d0", state: "ENROLLED" },
      { name: "d1", state: "DELETED" },
    ]);
    first.device = devices(2);
    await runImport();
    expect(await states()).toEqual([
      { name: "d0", state: "ENROLLED" },
      { name: "d1", state: "ENROLLED" },
    ]);
  });

  test("stays enrolled when too many vanish at once", async () => {
    first.device = devices(40);
    await runImport();
    first.device = devices(10);
    await runImport();
    expect(await world().read("SELECT DISTINCT state FROM device")).toEqual([{ state: "ENROLLED" }]);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
  });

  test("counts as deleted with however many others once somebody has confirmed the loss", async () => {
    first.device = devices(40);
    await runImport();
    first.device = devices(10);
    await runImport();
    const { dataSource } = world().core;
    await dataSource.transaction((tx) => requestImport(tx, world().core, targetId(), { confirmShrink: true }));
    await runImport();
    expect(await world().read("SELECT state, count(*)::int FROM device GROUP BY state ORDER BY state")).toEqual([
      { state: "DELETED", count: 30 },
      { state: "ENROLLED", count: 10 },
    ]);
    expect(await openAlerts()).toEqual([]);
  });

  test("that is reported as wiped keeps its row and its aliases", async () => {
    first.device = [deviceRecord("phone")];
    await runImport();
    first.device = [deviceRecord("phone", { state: "wiped" })];
    await runImport();
    expect(await world().read("SELECT state FROM device")).toEqual([{ state: "WIPED" }]);
    expect(await world().read("SELECT external_id FROM holder_alias")).toEqual([{ external_id: "phone" }]);
  });
});

describe("a person", () => {
  const people = (count: number) => Array.from({ length: count }, (_, index) => userRecord(`u${index}`));
  const left = async () =>
    (
      await world().read<{ name: string }>(
        'SELECT display_name AS name FROM "user" WHERE left_at IS NOT NULL ORDER BY 1',
      )
    ).map(({ name }) => name);

  test("whom a complete listing no longer names has left, and is back with the next one", async () => {
    first.user = people(2);
    await runImport();
    first.user = people(1);
    await runImport();
    expect(await left()).toEqual(["u1"]);
    first.user = people(2);
    await runImport();
    expect(await left()).toEqual([]);
    expect(await world().read('SELECT id FROM "user"')).toHaveLength(2);
  });

  test("stays when the listing that does not name them was not complete", async () => {
    first.user = people(2);
    await runImport();
    first.user = people(1);
    first.complete.user = false;
    await runImport();
    expect(await left()).toEqual([]);
  });

  test("has left only when the last of several targets no longer names them", async () => {
    const secondId = await world().add("second", {}, "Second");
    first.user = [userRecord("ann", { principalName: "ann@x" })];
    second.user = [userRecord("4711", { principalName: "ann@x", displayName: "ann" })];
    await runImport();
    await runImport(secondId);
    first.user = [];
    await runImport();
    expect(await left()).toEqual([]);
    second.user = [];
    await runImport(secondId);
    expect(await left()).toEqual(["ann"]);
    first.user = [userRecord("ann", { principalName: "ann@x" })];
    await runImport();
    expect(await left()).toEqual([]);
  });

  test("is named by the targets that still know them", async () => {
    const secondId = await world().add("second", {}, "Second");
    first.user = [userRecord("ann", { principalName: "ann@x" })];
    second.user = [userRecord("4711", { principalName: "ann@x", displayName: "Ann Newname" })];
    await runImport();
    await runImport(secondId);
    first.user = [];
    await runImport();
    await runImport(secondId);
    expect(await world().read('SELECT display_name FROM "user"')).toEqual([{ display_name: "Ann Newname" }]);
  });

  test("stays with all others when too many vanish at once, until that is confirmed", async () => {
    first.user = people(40);
    await runImport();
    first.user = people(10);
    await runImport();
    expect(await left()).toEqual([]);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    const { dataSource } = world().core;
    await dataSource.transaction((tx) => requestImport(tx, world().core, targetId(), { confirmShrink: true }));
    await runImport();
    expect(await left()).toHaveLength(30);
    expect(await openAlerts()).toEqual([]);
  });

  test("who turns out to be another leaves that name behind", async () => {
    first.user = [userRecord("ann"), userRecord("bob")];
    await runImport();
    first.user = [userRecord("ann", { principalName: "bob@allotment.example" }), userRecord("bob")];
    await runImport();
    expect(await left()).toEqual(["ann"]);
  });

  test("asks their collections for another look when they come back", async () => {
    first.user = people(1);
    first.collection = [collectionRecord("people", "user", ["u0"])];
    await runImport();
    await useCollection(world(), await collectionId("people"), targetId());
    await world().read('UPDATE "user" SET left_at = now()');
    await forgetJobs(world());
    await runImport();
    expect(await refreshedCollections(world())).toEqual([await collectionId("people")]);
  });
});

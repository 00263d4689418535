import { describe, expect, test } from "vitest";
import { confirmShrink } from "../../../src/sync/holders/confirm-shrink.js";
import { devices, useImportWorld } from "./import-world.js";
import { collectionRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const { first, world, targetId, runImport, members, collectionId, openAlerts } = useImportWorld();

const idsOf = (records: { externalId: string }[]) => records.map(({ externalId }) => externalId);

describe("members of a mirrored collection", () => {
  test("leave after a complete listing", async () => {
    first.device = devices(3);
    first.collection = [collectionRecord("all", "device", ["d0", "d1", "d2"])];
    await runImport();
    first.collection = [collectionRecord("all", "device", ["d0", "d2"])];
    await runImport();
    expect(await members("all")).toEqual(["d0", "d2"]);
  });

  test("only come after a listing that is not complete", async () => {
    first.device = devices(3);
    first.collection = [collectionRecord("all", "device", ["d0", "d1"])];
    await runImport();
    first.collection = [collectionRecord("all", "device", ["d2"])];
    first.complete.collection = false;
    await runImport();
    expect(await members("all")).toEqual(["d0", "d1", "d2"]);
  });

  test("stay when too many would leave, with an alert, until that is confirmed", async () => {
    first.device = devices(50);
    first.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    first.collection = [collectionRecord("all", "device", idsOf(devices(29)))];
    await runImport();
    expect(await members("all")).toHaveLength(50);
    expect(await openAlerts()).toEqual(["MEMBERS_SHRINK_HELD"]);
    await runImport();
    expect(await members("all")).toHaveLength(50);
    const id = await collectionId("all");
    await world().core.dataSource.transaction((tx) => confirmShrink(tx, world().core, id));
    await runImport();
    expect(await members("all")).toHaveLength(29);
    expect(await openAlerts()).toEqual([]);
  });

  test("are no longer held back when a listing shows them again", async () => {
    first.device = devices(50);
    first.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    first.collection = [collectionRecord("all", "device", [])];
    await runImport();
    first.collection = [collectionRecord("all", "device", idsOf(devices(50)))];
    await runImport();
    expect(await openAlerts()).toEqual([]);
    expect(await world().read("SELECT shrink_held_at FROM collection")).toEqual([{ shrink_held_at: null }]);
    first.collection = [collectionRecord("all", "device", [])];
    await runImport();
    expect(await members("all")).toHaveLength(50);
  });

  test("leave when they are no more than twenty, whatever part of the collection that is", async () => {
    first.device = devices(30);
    first.collection = [collectionRecord("all", "device", idsOf(devices(30)))];
    await runImport();
    first.collection = [collectionRecord("all", "device", idsOf(devices(10)))];
    await runImport();
    expect(await members("all")).toHaveLength(10);
  });

  test("go with a collection that the target has deleted, but a deployment keeps it, empty", async () => {
    first.device = devices(2);
    first.collection = [collectionRecord("used", "device", ["d0"]), collectionRecord("free", "device", ["d1"])];
    await runImport();
    await useCollection(world(), await collectionId("used"), targetId());
    await forgetJobs(world());
    first.collection = [];
    await runImport();
    expect(await world().read("SELECT external_id FROM collection")).toEqual([{ external_id: "used" }]);
    expect(await members("used")).toEqual([]);
    expect(await refreshedCollections(world())).toEqual([await collectionId("used")]);
  });
});

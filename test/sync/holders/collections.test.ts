import { afterAll, beforeAll, expect, test } from "vitest";
import { CollectionKind } from "../../../src/entities/collection.js";
import { addCollectionMembers } from "../../../src/sync/holders/add-collection-members.js";
import type { MemberIds } from "../../../src/sync/holders/collection-members.js";
import { createCollection } from "../../../src/sync/holders/create-collection.js";
import { deleteCollection } from "../../../src/sync/holders/delete-collection.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { removeCollectionMembers } from "../../../src/sync/holders/remove-collection-members.js";
import { renameCollection } from "../../../src/sync/holders/rename-collection.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";
import { collectionRecord, deviceRecord, scriptedListing, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const scripted = scriptedListing("first");
let world: TargetWorld;
let targetId: string;
let deviceId: string;
let userId: string;

beforeAll(async () => {
  world = await createTargetWorld([scripted.plugin]);
  targetId = await world.add("first", {});
  scripted.listing.user = [userRecord("ann")];
  scripted.listing.device = [deviceRecord("phone")];
  scripted.listing.collection = [collectionRecord("mirrored", "device", ["phone"])];
  await importHolders(world.core, { targetId });
  [deviceId, userId] = [await idOf("device"), await idOf('"user"')];
});
afterAll(() => world.stop());

async function idOf(table: string, where = "true"): Promise<string> {
  const [found] = await world.read<{ id: string }>(`SELECT id FROM ${table} WHERE ${where}`);
  return found?.id ?? "";
}

let made = 0;
function create(kind: CollectionKind, name = `Collection ${++made}`): Promise<string> {
  return world.core.dataSource.transaction((tx) => createCollection(tx, world.core, { name, kind }));
}

function change(
  verb: typeof addCollectionMembers | typeof removeCollectionMembers,
  collectionId: string,
  members: Partial<MemberIds>,
): Promise<unknown> {
  const all = { userIds: [], deviceIds: [], ...members };
  return world.core.dataSource.transaction<unknown>((tx) => verb(tx, world.core, collectionId, all));
}

async function memberCount(collectionId: string): Promise<number> {
  const found = await world.read("SELECT FROM collection_member WHERE collection_id = $1", [collectionId]);
  return found.length;
}

test("members are added and removed, and a repetition changes nothing", async () => {
  const id = await create(CollectionKind.DEVICE);
  await useCollection(world, id, targetId);
  await forgetJobs(world);
  await change(addCollectionMembers, id, { deviceIds: [deviceId, deviceId] });
  expect(await memberCount(id)).toBe(1);
  expect(await refreshedCollections(world)).toEqual([id]);
  await forgetJobs(world);
  await change(addCollectionMembers, id, { deviceIds: [deviceId] });
  expect(await refreshedCollections(world)).toEqual([]);
  await change(removeCollectionMembers, id, { deviceIds: [deviceId] });
  expect(await memberCount(id)).toBe(0);
  expect(await refreshedCollections(world)).toEqual([id]);
});

test("a member of the other kind is refused and nothing is written", async () => {
  const id = await create(CollectionKind.USER);
  await expect(change(addCollectionMembers, id, { userIds: [userId], deviceIds: [deviceId] })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  expect(await memberCount(id)).toBe(0);
});

test("an unknown member is refused and nothing is written", async () => {
  const id = await create(CollectionKind.USER);
  const unknown = "00000000-0000-4000-8000-000000000000";
  await expect(change(addCollectionMembers, id, { userIds: [userId, unknown] })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    details: { missing: [expect.any(String)] },
  });
  expect(await memberCount(id)).toBe(0);
});

test("a mirrored collection is not edited, renamed or deleted here", async () => {
  const id = await idOf("collection", "external_id = 'mirrored'");
  const refusal = { code: "CONFLICT" };
  await expect(change(removeCollectionMembers, id, { deviceIds: [deviceId] })).rejects.toMatchObject(refusal);
  const { dataSource } = world.core;
  await expect(dataSource.transaction((tx) => renameCollection(tx, world.core, id, "Other"))).rejects.toMatchObject(
    refusal,
  );
  await expect(dataSource.transaction((tx) => deleteCollection(tx, world.core, id))).rejects.toMatchObject(refusal);
  expect(await memberCount(id)).toBe(1);
});

test("a name is used once among the collections kept by hand", async () => {
  await create(CollectionKind.USER, "Taken");
  const other = await create(CollectionKind.USER);
  await expect(create(CollectionKind.DEVICE, " Taken ")).rejects.toMatchObject({ code: "CONFLICT" });
  const rename = world.core.dataSource.transaction((tx) => renameCollection(tx, world.core, other, "Taken"));
  await expect(rename).rejects.toMatchObject({ code: "CONFLICT" });
});

test("a collection is deleted unless a deployment goes to it", async () => {
  const [used, free] = [await create(CollectionKind.DEVICE), await create(CollectionKind.DEVICE)];
  await useCollection(world, used, targetId);
  const remove = (id: string) => world.core.dataSource.transaction((tx) => deleteCollection(tx, world.core, id));
  await expect(remove(used)).rejects.toMatchObject({ code: "CONFLICT", details: { deployments: 1 } });
  await remove(free);
  await expect(remove(free)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("two creations of one name at the same moment leave one collection", async () => {
  const results = await Promise.allSettled([create(CollectionKind.USER, "Race"), create(CollectionKind.USER, "Race")]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await world.read("SELECT name FROM collection WHERE name = 'Race'")).toHaveLength(1);
});

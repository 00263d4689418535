import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";
import { forgetAll } from "./forget-all.js";
import { collectionRecord, deviceRecord, scriptedListing, userRecord } from "./scripted-listing.js";
import { forgetJobs, refreshedCollections, useCollection } from "./use-collection.js";

const first = scriptedListing("first");
const second = scriptedListing("second");
let world: TargetWorld;
let firstId: string;
let secondId: string;

/** The first target knows the person by another name than the second, whose device is in a collection with a deployment. */
beforeAll(async () => {
  world = await createTargetWorld([first.plugin, second.plugin]);
});
afterAll(() => world.stop());

beforeEach(async () => {
  await forgetAll(world);
  firstId = await world.add("first", {}, "First");
  secondId = await world.add("second", {}, "Second");
  first.listing.user = [userRecord("old", { principalName: "bob@x" })];
  first.listing.device = [deviceRecord("phone", { userExternalId: "old" })];
  first.listing.collection = [collectionRecord("phones", "device", ["phone"])];
  second.listing.user = [userRecord("heir", { principalName: "robert@x" })];
  await importHolders(world.core, { targetId: firstId });
  await importHolders(world.core, { targetId: secondId });
  await useCollection(world, await idOf("collection", "phones"), firstId);
  await world.read(
    `INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, user_id, want, state, state_at,
                               queued_at, created_at)
     SELECT deployment.token_id, deployment.id, store_app_id, target_id, device.id, device.user_id, 'PRESENT', 'NOT_APPLICABLE', now(), now(), now()
     FROM deployment, device`,
  );
  await forgetJobs(world);
});

async function idOf(table: string, name: string): Promise<string> {
  const column = table === "collection" ? "name" : "display_name";
  const [found] = await world.read<{ id: string }>(`SELECT id FROM "${table}" WHERE ${column} = $1`, [name]);
  return found?.id ?? "";
}

async function register(name: string, status: string): Promise<void> {
  await world.read(
    `INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
     SELECT token.id, gen_random_uuid(), $1, $2, now() FROM token`,
    [await idOf("user", name), status],
  );
}

/** The first target gives the person the name that the second has told of. */
async function becomeOne(): Promise<void> {
  first.listing.user = [userRecord("old", { principalName: "robert@x" })];
  first.listing.device = [];
  first.listing.complete.device = false;
  await importHolders(world.core, { targetId: firstId });
}

async function namesOf(table: "apple_user" | "device" | "installation"): Promise<string[]> {
  const found = await world.read<{ name: string }>(
    `SELECT display_name AS name FROM ${table} JOIN "user" ON "user".id = user_id ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

test("who turns out to be another brings the registration with them, so that nobody is invited twice", async () => {
  await register("old", "ASSOCIATED");
  await becomeOne();
  expect(await namesOf("apple_user")).toEqual(["heir"]);
  expect(await namesOf("installation")).toEqual(["heir"]);
});

test("a registration that both have stays with each, and an ended one with whom it was made for", async () => {
  await register("old", "RETIRED");
  await register("old", "ASSOCIATED");
  await register("heir", "REGISTERED");
  await becomeOne();
  expect(await namesOf("apple_user")).toEqual(["heir", "old", "old"]);
  expect(await namesOf("installation")).toEqual(["old"]);
});

test("their devices go along, and what goes to these is looked at", async () => {
  await becomeOne();
  expect(await namesOf("device")).toEqual(["heir"]);
  expect(await refreshedCollections(world)).toEqual([await idOf("collection", "phones")]);
});

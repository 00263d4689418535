import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { LicensesOnRemoval } from "../../../src/entities/token.js";
import { removeToken } from "../../../src/sync/deployments/remove-token.js";
import { importHolders } from "../../../src/sync/holders/import-holders.js";
import { removeTarget } from "../../../src/sync/targets/remove-target.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { requireNewLocation } from "../../../src/sync/tokens/require-new-location.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { scheduleSync } from "../../../src/sync/watch/schedule-sync.js";
import { groupAssigner } from "../../support/plugins/group-assigner.js";
import { type GroupProduct, startGroupProduct } from "../../support/plugins/group-product.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

/** The Apple location of the product's token. */
const LOCATION = "location-of-group-product";

let world: TargetWorld;
let product: GroupProduct;
let targetId: string;

beforeEach(async () => {
  world = await createTargetWorld([groupAssigner]);
  product = await startGroupProduct();
  targetId = await world.add("group-assigner", { url: product.url, apiKey: product.apiKey }, "Product");
  await importHolders(world.core, { targetId });
});
afterEach(async () => {
  await world.stop();
  await product.stop();
});

/** A token of ours at the location of the product's, found alike only later: the product's had told no location before. */
async function addOurs(): Promise<string> {
  await world.read("UPDATE token SET location_id = NULL");
  const [ours] = await world.read<{ id: string }>(
    `INSERT INTO token (id, authority, name, platform, secret, location_id, added_at, updated_at, health_since, health_state)
     VALUES (gen_random_uuid(), 'SERVICE', 'Ours', 'BUSINESS', 'sealed', $1, now(), now(), now(), 'ACTIVE') RETURNING id`,
    [LOCATION],
  );
  return ours?.id ?? "";
}

const theirs = async () =>
  (
    await world.read<{ id: string; state: string; location: string | null; cause: string | null }>(
      `SELECT id, health_state AS state, location_id AS location, health_cause AS cause FROM token
       WHERE authority = 'TARGET'`,
    )
  )[0];

const runs = () => world.read("SELECT mode, trigger, state FROM sync_run");

async function schedule(): Promise<void> {
  await world.read("DELETE FROM sync_run");
  await scheduleSync(world.core, { tokenId: (await theirs())?.id ?? "" });
}

/** The jobs that the removal of a token adds for others. */
const woken = () => world.read("SELECT payload FROM graphile_worker._private_jobs WHERE key LIKE 'schedule-sync:%'");

describe("a product's token that is found to be of a location of ours", () => {
  beforeEach(async () => {
    await addOurs();
    await world.read("UPDATE token SET health_state = 'DUPLICATE_LOCATION' WHERE authority = 'TARGET'");
    await schedule();
  });

  test("says so, and the schedule reads nothing with it", async () => {
    expect(await theirs()).toMatchObject({ state: "DUPLICATE_LOCATION", location: null });
    expect(await runs()).toEqual([]);
    await schedule();
    expect(await runs()).toEqual([]);
  });

  test("is looked at when the other one is removed, and then read in full", async () => {
    await world.read("DELETE FROM graphile_worker._private_jobs");
    const [ours] = await world.read<{ id: string }>("SELECT id FROM token WHERE authority = 'SERVICE'");
    const removal = { tokenId: ours?.id ?? "", licenses: LicensesOnRemoval.LEAVE, dryRun: false, actor: "test" };
    await world.core.dataSource.transaction((tx) => removeToken(tx, world.core, removal));
    expect(await woken()).toEqual([{ payload: { tokenId: (await theirs())?.id } }]);
    await schedule();
    expect(await theirs()).toMatchObject({ state: "ACTIVE", location: LOCATION, cause: null });
    expect(await runs()).toEqual([{ mode: "FULL", trigger: "RECOVERY", state: "QUEUED" }]);
  });

  test("is left alone while the product is away", async () => {
    await world.read("DELETE FROM token WHERE authority = 'SERVICE'");
    await world.read("UPDATE target SET settings = jsonb_build_object('url', 'http://127.0.0.1:9')");
    await schedule();
    expect(await theirs()).toMatchObject({ state: "DUPLICATE_LOCATION" });
    expect(await runs()).toEqual([]);
  });
});

test("a product's token that worked is a duplicate from when it tells a location of ours", async () => {
  await addOurs();
  await world.read("DELETE FROM sync_run");
  const tokenId = (await theirs())?.id ?? "";
  await world.core.dataSource.transaction((tx) =>
    requestSync(tx, world.core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL }),
  );
  await syncToken(world.core, { tokenId });
  expect(await theirs()).toMatchObject({
    state: "DUPLICATE_LOCATION",
    cause: expect.stringContaining('"Ours"'),
    location: null,
  });
});

test("the other way round, a file of a location that a product works is refused, with the product's name", async () => {
  const config = { uId: LOCATION } as Parameters<typeof requireNewLocation>[1];
  await expect(requireNewLocation(world.core.dataSource, config)).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(/"Product".*one writer only/),
    details: { token: "Head office" },
  });
});

test("a target that is removed wakes the duplicates of its tokens", async () => {
  await addOurs();
  await world.read("UPDATE token SET health_state = 'DUPLICATE_LOCATION' WHERE authority = 'SERVICE'");
  await world.read("DELETE FROM graphile_worker._private_jobs");
  await world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, targetId));
  expect(await woken()).toHaveLength(1);
});

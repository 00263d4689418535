import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;
let app: { adamId: string; total: number; assigned: number };

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 4, licenses: 40, users: 2, assigned: 12 } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
  const [first] = await world.read<typeof app>(
    `SELECT adam_id AS "adamId", total_count AS total, assigned_count AS assigned FROM store_app
     WHERE held_count > 0 ORDER BY id LIMIT 1`,
  );
  if (!first) throw new Error("The simulator has assigned nothing");
  app = first;
});

afterEach(() => world.stop());

const distort = (set: object) => world.control("/distort", { adamId: app.adamId, set });
const alerts = () => world.read<{ message: string }>("SELECT message FROM alert WHERE cleared_at IS NULL");
const rereads = () =>
  world.apple.world.requests.entries.filter(({ path }) => path.includes(`adamId=${app.adamId}`)).length;

it.each([
  ["a negative count", { availableCount: -3 }, /negative count.*-3 available/],
  ["more in use than owned", { totalCount: 1, assignedCount: 2 }, /2 licenses of .* in use, and only 1 bought/],
  ["another count than the holdings", { assignedCount: 1 }, /1 licenses of .* in use and shows \d+ holdings/],
])("says what is wrong when Apple gives %s, after one more read of the app", async (_, set, message) => {
  await distort(set);
  world.apple.world.requests.entries.length = 0;
  expect(await world.sync(tokenId, SyncMode.DELTA)).toMatchObject({ state: "SUCCEEDED" });
  expect(await alerts()).toEqual([{ message: expect.stringMatching(message) }]);
  expect(rereads()).toBe(2);
  world.apple.world.requests.entries.length = 0;
  expect(await world.sync(tokenId)).toMatchObject({ state: "SUCCEEDED", warnings: [] });
  expect(rereads()).toBe(0);
});

it("says nothing when the second read gives counts that fit", async () => {
  await world.control("/distort", { adamId: app.adamId, set: { availableCount: -3 }, reads: 1 });
  await world.sync(tokenId, SyncMode.DELTA);
  expect(await alerts()).toEqual([]);
  expect(
    await world.read("SELECT available_count >= 0 AS fits FROM store_app WHERE adam_id = $1", [app.adamId]),
  ).toEqual([{ fits: true }]);
});

it("takes the alert back when the counts fit again", async () => {
  await distort({ availableCount: -3 });
  await world.sync(tokenId, SyncMode.DELTA);
  await distort({});
  await world.sync(tokenId, SyncMode.DELTA);
  expect(await alerts()).toEqual([]);
});

it("judges no counts that are newer than the holdings it has read, and looks at them in the next run", async () => {
  await distort({ availableCount: -3 });
  const { assignments } = world.core.apple;
  const countedMeanwhile: typeof assignments = async (access, query, signal) => {
    const page = await assignments(access, query, signal);
    if (query.adamId !== undefined) {
      await world.read("UPDATE store_app SET assigned_count = assigned_count + 1, counts_at = $2 WHERE adam_id = $1", [
        app.adamId,
        new Date(),
      ]);
    }
    return page;
  };
  await world.core.dataSource.transaction((tx) =>
    requestSync(tx, world.core, tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE }),
  );
  await syncToken({ ...world.core, apple: { ...world.core.apple, assignments: countedMeanwhile } }, { tokenId });
  expect(await alerts()).toEqual([]);
  world.apple.world.requests.entries.length = 0;
  await world.sync(tokenId, SyncMode.DELTA);
  expect(rereads()).toBe(2);
  expect(await alerts()).toHaveLength(1);
});

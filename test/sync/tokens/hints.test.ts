import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode } from "../../../src/entities/sync-run.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

const HOUR_MS = 3_600_000;

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 2, licenses: 10, users: 0, assigned: 4 } });
  ({ tokenId } = await world.add());
});

afterEach(() => world.stop());

const fromNow = (ms: number) => new Date(Date.now() + ms);
const openRuns = () => world.read("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL");
const hint = (at: Date) => world.read("UPDATE token SET hinted_at = $1", [at]);
const distrust = (at: Date) => world.read("UPDATE token SET distrusted_at = $1", [at]);
const distrusted = async () => (await world.read("SELECT id FROM token WHERE distrusted_at IS NOT NULL")).length > 0;

it("looks once more when Apple has told of a change since the run began to read", async () => {
  await hint(fromNow(HOUR_MS));
  await world.sync(tokenId);
  expect(await openRuns()).toEqual([{ mode: "DELTA", trigger: "NOTIFICATION" }]);
});

it("does not look again for a change that Apple told of before", async () => {
  await hint(fromNow(-HOUR_MS));
  await world.sync(tokenId);
  expect(await openRuns()).toEqual([]);
});

it("trusts a restored database again after a full run, and has the token verified", async () => {
  await distrust(fromNow(-HOUR_MS));
  await world.read("DELETE FROM graphile_worker._private_jobs");
  await world.sync(tokenId);
  expect(await distrusted()).toBe(false);
  expect(await world.read("SELECT key FROM graphile_worker.jobs WHERE key LIKE 'verify-token:%'")).toHaveLength(1);
});

it("reads everything again when the database was found restored in the middle of a run", async () => {
  await distrust(fromNow(HOUR_MS));
  await world.sync(tokenId);
  expect(await distrusted()).toBe(true);
  expect(await openRuns()).toEqual([{ mode: "FULL", trigger: "RECOVERY" }]);
});

it("does not trust a restored database after a delta", async () => {
  await syncToken(world.core, { tokenId });
  await distrust(fromNow(-HOUR_MS));
  await world.sync(tokenId, SyncMode.DELTA);
  expect(await distrusted()).toBe(true);
  expect(await openRuns()).toEqual([{ mode: "FULL", trigger: "RECOVERY" }]);
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { cancelSyncRun } from "../../../src/sync/tokens/cancel-sync-run.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;
let id: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId, syncRunId: id } = await world.add());
});

afterEach(() => world.stop());

const cancel = (key = { tokenId, id }) => world.core.dataSource.transaction((tx) => cancelSyncRun(tx, world.core, key));
const run = async () => {
  const [found] = await world.read("SELECT state, ended_at IS NOT NULL AS ended FROM sync_run WHERE id = $1", [id]);
  return found;
};

it("ends a run that has not begun, and nothing is read", async () => {
  await cancel();
  world.apple.world.requests.entries.length = 0;
  await syncToken(world.core, { tokenId });
  expect(await run()).toEqual({ state: "CANCELLED", ended: true });
  expect(world.apple.world.requests.entries).toEqual([]);
});

it("stops a run that is reading, gives up the reads under way, and merges nothing", async () => {
  await world.control("/hold", { path: "/assignments" });
  const ended = syncToken(world.core, { tokenId });
  await eventually(async () => (world.apple.world.disturbances.heldCount > 0 ? true : null));
  await cancel();
  await ended;
  expect(await run()).toEqual({ state: "CANCELLED", ended: true });
  expect(await world.read("SELECT id FROM license")).toEqual([]);
  expect(await world.read("SELECT last_sync_at FROM token")).toEqual([{ last_sync_at: null }]);
});

it("leaves room for another run", async () => {
  await cancel();
  const request = { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL };
  const next = await world.core.dataSource.transaction((tx) => requestSync(tx, world.core, tokenId, request));
  expect(next).not.toBe(id);
  await syncToken(world.core, { tokenId });
  expect(await world.read("SELECT state FROM sync_run WHERE id = $1", [next])).toEqual([{ state: "SUCCEEDED" }]);
});

it("refuses one that has ended, and changes nothing", async () => {
  await syncToken(world.core, { tokenId });
  await expect(cancel()).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await run()).toEqual({ state: "SUCCEEDED", ended: true });
});

it("refuses one that there is not", async () => {
  await expect(cancel({ tokenId, id: "987654" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

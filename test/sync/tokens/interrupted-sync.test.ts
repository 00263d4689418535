import { afterEach, beforeEach, expect, it } from "vitest";
import { SyncMode, SyncTrigger } from "../../../src/entities/sync-run.js";
import { requestManualSync } from "../../../src/sync/tokens/request-manual-sync.js";
import { requestSync } from "../../../src/sync/tokens/request-sync.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let tokenId: string;
let syncRunId: string;

beforeEach(async () => {
  world = await createTokenWorld();
  ({ tokenId, syncRunId } = await world.add());
});

afterEach(() => world.stop());

const run = async () => {
  const [found] = await world.read<{ state: string; attempts: number; error: string | null }>(
    "SELECT state, attempts, error FROM sync_run WHERE id = $1",
    [syncRunId],
  );
  return found;
};

const openHoldings = async () => (await world.read("SELECT id FROM license WHERE ended_at IS NULL")).length;

const waitingJobs = () =>
  world.read<{ key: string }>("SELECT key FROM graphile_worker.jobs WHERE key LIKE 'sync-token:%' ORDER BY key");

/** Holds Apple's answers of that list, so that a run stands still in the middle; answers once it does, with its worker's end. */
async function runUntilHeldAt(path: string): Promise<{ ended: Promise<unknown> }> {
  await world.control("/hold", { path });
  const ended = syncToken(world.core, { tokenId }).catch((error: unknown) => error);
  await eventually(async () => (world.apple.world.disturbances.heldCount > 0 ? true : null));
  return { ended };
}

/** As the kernel does with the sessions of a killed process. */
const killSessionsOfWorkers = () =>
  world.read(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );

it("begins anew after its worker was killed, and brings each holding once", async () => {
  const { ended } = await runUntilHeldAt("/assignments");
  await killSessionsOfWorkers();
  await world.control("/release", {});
  expect(await ended).toBeInstanceOf(Error);
  await syncToken(world.core, { tokenId });
  expect(await run()).toMatchObject({ state: "SUCCEEDED", attempts: 1 });
  expect(await openHoldings()).toBe(120);
  expect(await world.read("SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace")).toEqual([]);
});

it("is left alone by a second worker, which looks again later", async () => {
  const { ended } = await runUntilHeldAt("/assignments");
  await world.read("DELETE FROM graphile_worker._private_jobs");
  await syncToken(world.core, { tokenId });
  expect(await run()).toMatchObject({ state: "RUNNING", attempts: 0 });
  expect(await waitingJobs()).toEqual([{ key: `sync-token:${tokenId}:later` }]);
  await world.control("/release", {});
  await ended;
  expect(await run()).toMatchObject({ state: "SUCCEEDED" });
});

it("commits nothing when another worker has begun the run anew meanwhile", async () => {
  const { ended } = await runUntilHeldAt("/assignments");
  await world.read("UPDATE sync_run SET attempts = attempts + 1 WHERE id = $1", [syncRunId]);
  await world.control("/release", {});
  await ended;
  expect(await openHoldings()).toBe(0);
  expect(await run()).toMatchObject({ state: "RUNNING" });
});

it("is put off while Apple is away, and fails after five attempts", async () => {
  await world.control("/fail-next", { path: "/assets", count: 1000, status: 503 });
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await syncToken(world.core, { tokenId });
    expect(await run()).toMatchObject({ state: "QUEUED", attempts: attempt });
  }
  expect((await waitingJobs()).map(({ key }) => key)).toContain(`sync-token:${tokenId}:later`);
  await syncToken(world.core, { tokenId });
  expect(await run()).toMatchObject({ state: "FAILED", error: expect.stringContaining("503") });
});

it("is put off, and fails at last, with what is to be looked for in the log, when we fail ourselves", async () => {
  const { assignments } = world.core.apple;
  const unforeseen: typeof assignments = async (...asked) => ({
    ...(await assignments(...asked)),
    requestedAt: new Date("never"),
  });
  const core = { ...world.core, apple: { ...world.core.apple, assignments: unforeseen } };
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await syncToken(core, { tokenId });
    expect(await run()).toMatchObject({ state: "QUEUED", attempts: attempt });
  }
  await syncToken(core, { tokenId });
  expect(await run()).toMatchObject({ state: "FAILED", error: expect.stringMatching(/inside the service.*log/) });
  expect(await openHoldings()).toBe(0);
});

it("brings everything once Apple is back", async () => {
  await world.control("/fail-next", { path: "/assignments", count: 5, status: 503 });
  await syncToken(world.core, { tokenId });
  await syncToken(world.core, { tokenId });
  expect(await run()).toMatchObject({ state: "SUCCEEDED", attempts: 1, error: null });
  expect(await openHoldings()).toBe(120);
});

it("fails at once when the token is refused, and says so on the token", async () => {
  await world.control("/revoke-token", {});
  await syncToken(world.core, { tokenId });
  expect(await run()).toMatchObject({ state: "FAILED", error: expect.stringContaining("9625") });
  expect(await world.read("SELECT health_state FROM token")).toEqual([{ health_state: "REVOKED" }]);
});

it("is one a token: a second request joins it, and makes a queued delta full", async () => {
  await syncToken(world.core, { tokenId });
  const request = (mode: SyncMode) =>
    world.core.dataSource.transaction((tx) =>
      requestSync(tx, world.core, tokenId, { mode, trigger: SyncTrigger.MANUAL }),
    );
  const first = await request(SyncMode.DELTA);
  expect(await request(SyncMode.FULL)).toBe(first);
  expect(await request(SyncMode.DELTA)).toBe(first);
  expect(await world.read("SELECT mode FROM sync_run WHERE ended_at IS NULL")).toEqual([{ mode: "FULL" }]);
});

it("keeps the pause that Apple's absence gives it, though it was asked for while it ran", async () => {
  await world.read("DELETE FROM graphile_worker._private_jobs");
  const { ended } = await runUntilHeldAt("/assets");
  await world.core.dataSource.transaction((tx) => requestManualSync(tx, world.core, tokenId));
  await world.control("/fail-next", { path: "/users", count: 10, status: 503 });
  await world.control("/release", {});
  await ended;
  expect(await run()).toMatchObject({ state: "QUEUED", error: expect.stringContaining("503") });
  expect(await waitingJobs()).toEqual([{ key: `sync-token:${tokenId}:later` }]);
});

it("takes a delta after a list that moved while it was read", async () => {
  await world.control("/switches", { pageSize: 50 });
  const { ended } = await runUntilHeldAt("/assignments");
  const location = world.apple.world.locations[0];
  const asset = [...(location?.assets.rows ?? [])][0];
  if (!location || !asset) throw new Error("The simulator is empty");
  location.purchase(asset.item, "STDQ", 1);
  location.assign(asset, location.assignments.device("LATECOMER"));
  location.commit();
  await world.control("/release", {});
  await ended;
  expect(await run()).toMatchObject({ state: "SUCCEEDED" });
  expect(await world.read("SELECT mode, trigger FROM sync_run WHERE ended_at IS NULL")).toEqual([
    { mode: "DELTA", trigger: "RECOVERY" },
  ]);
  await syncToken(world.core, { tokenId });
  expect(await world.read("SELECT state FROM license WHERE holder_key = 'LATECOMER'")).toEqual([{ state: "HELD" }]);
});

it("reads everything when that is asked for in the middle of a delta, and answers with the same run", async () => {
  await syncToken(world.core, { tokenId });
  const ask = (mode: SyncMode) =>
    world.core.dataSource.transaction((tx) =>
      requestSync(tx, world.core, tokenId, { mode, trigger: SyncTrigger.MANUAL }),
    );
  syncRunId = await ask(SyncMode.DELTA);
  const { ended } = await runUntilHeldAt("/assignments");
  expect(await ask(SyncMode.FULL)).toBe(syncRunId);
  await world.control("/release", {});
  await ended;
  await syncToken(world.core, { tokenId });
  expect(await world.read("SELECT mode, state FROM sync_run WHERE id = $1", [syncRunId])).toEqual([
    { mode: "FULL", state: "SUCCEEDED" },
  ]);
});

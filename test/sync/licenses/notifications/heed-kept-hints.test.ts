import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../../src/entities/sync-run.js";
import { type Token, TokenHealthState } from "../../../../src/entities/token.js";
import { requestSync } from "../../../../src/sync/tokens/request-sync.js";
import { sweep } from "../../../../src/sync/watch/sweep.js";
import { createNotificationWorld, type NotificationWorld } from "./notification-world.js";

const DELTA_ASKED = [{ mode: "DELTA", trigger: "NOTIFICATION", state: "QUEUED" }];

let world: NotificationWorld;
let token: Token;
beforeAll(async () => {
  world = await createNotificationWorld();
});
beforeEach(async () => {
  await world.read("DELETE FROM graphile_worker._private_jobs");
  await world.read("UPDATE token SET hinted_at = NULL");
  token = await world.token();
});
afterAll(() => world.stop());

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const hint = (minutes: number) =>
  world.read("UPDATE token SET hinted_at = $2 WHERE id = $1", [token.id, minutesAgo(minutes)]);
const run = (state: SyncRunState, startedMinutes: number, endedMinutes: number) =>
  world.samples.syncRun(token, {
    state,
    startedAt: minutesAgo(startedMinutes),
    endedAt: minutesAgo(endedMinutes),
  });
/** What the sweep asks for. */
async function asked() {
  await sweep(world.core);
  return world.openRuns(token);
}

describe("a hint that came during a run", () => {
  it.each([SyncRunState.FAILED, SyncRunState.CANCELLED])("is followed later when the run ended %s", async (state) => {
    await run(state, 30, 20);
    await hint(25);
    expect(await asked()).toEqual(DELTA_ASKED);
    expect(await world.jobs(token, "sync-token")).toHaveLength(1);
  });

  it("is left alone when a later run has shown it", async () => {
    await run(SyncRunState.FAILED, 90, 80);
    await hint(85);
    await world.read("UPDATE token SET last_sync_at = $2 WHERE id = $1", [token.id, minutesAgo(60)]);
    expect(await asked()).toEqual([]);
  });

  it("is not followed at once, since whatever ended the run may go on", async () => {
    await run(SyncRunState.CANCELLED, 6, 5);
    await hint(5.5);
    expect(await asked()).toEqual([]);
  });

  it("is followed ever more rarely while runs go on failing", async () => {
    await run(SyncRunState.FAILED, 300, 290);
    await run(SyncRunState.FAILED, 60, 50);
    await hint(295);
    expect(await asked()).toEqual([]);
    await world.read(
      "UPDATE sync_run SET started_at = started_at - interval '130 minutes', ended_at = ended_at - interval '130 minutes' WHERE token_id = $1",
      [token.id],
    );
    expect(await asked()).toEqual(DELTA_ASKED);
  });

  it("waits for the run that is open", async () => {
    await run(SyncRunState.FAILED, 90, 80);
    await hint(85);
    const at = world.core.clock.in(600_000);
    const waits = { mode: SyncMode.FULL, trigger: SyncTrigger.SCHEDULE, at };
    await world.core.dataSource.transaction((tx) => requestSync(tx, world.core, token.id, waits));
    expect(await asked()).toMatchObject([{ trigger: "SCHEDULE" }]);
    expect(await world.jobs(token, "sync-token")).toEqual([at]);
  });
});

it("follows what was hinted at while Apple would not have answered, once the token works again", async () => {
  await run(SyncRunState.SUCCEEDED, 90, 80);
  await world.read("UPDATE token SET last_sync_at = $2, health_state = $3 WHERE id = $1", [
    token.id,
    minutesAgo(90),
    TokenHealthState.INVALID,
  ]);
  await hint(20);
  expect(await asked()).toEqual([]);
  await world.read("UPDATE token SET health_state = $2 WHERE id = $1", [token.id, TokenHealthState.ACTIVE]);
  expect(await asked()).toEqual(DELTA_ASKED);
});

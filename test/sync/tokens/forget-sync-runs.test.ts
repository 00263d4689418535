import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SyncRunState } from "../../../src/entities/sync-run.js";
import type { Token } from "../../../src/entities/token.js";
import { scheduleSync } from "../../../src/sync/watch/schedule-sync.js";
import { SampleRows } from "../../http/sample-rows.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;
let samples: SampleRows;
let token: Token;

beforeAll(async () => {
  world = await createTokenWorld({ timeScale: 1, apple: { apps: 1, assigned: 0 } });
  samples = new SampleRows(world.core.dataSource);
});
beforeEach(async () => {
  token = await samples.token();
});
afterAll(() => world.stop());

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

/** One run a day that ended, from so many days ago on. */
async function runs(count: number, firstDaysAgo: number): Promise<void> {
  for (let day = 0; day < count; day += 1) {
    const at = daysAgo(firstDaysAgo - day);
    await samples.syncRun(token, { state: SyncRunState.SUCCEEDED, startedAt: at, endedAt: at });
  }
}

/** How many days ago the runs began that are left, the oldest first, when the token's time has come once more. */
async function left(): Promise<number[]> {
  const before = await world.read<{ id: string }>("SELECT id FROM sync_run WHERE token_id = $1", [token.id]);
  await scheduleSync(world.core, { tokenId: token.id });
  const kept = await world.read<{ started_at: Date }>(
    "SELECT started_at FROM sync_run WHERE token_id = $1 AND id = ANY($2) ORDER BY started_at",
    [token.id, before.map(({ id }) => id)],
  );
  return kept.map(({ started_at }) => Math.round((Date.now() - started_at.getTime()) / 86_400_000));
}

describe("synchronisations of long ago", () => {
  it("are forgotten after 90 days", async () => {
    await runs(30, 100.2);
    await runs(20, 20);
    expect((await left())[0]).toBe(89);
  });

  it("are kept as long as they are among the newest", async () => {
    await runs(30, 400);
    expect(await left()).toEqual(Array.from({ length: 20 }, (_, at) => 390 - at));
  });

  it("are kept when there are few", async () => {
    await runs(5, 400);
    expect(await left()).toHaveLength(5);
  });

  it("are kept while they are open", async () => {
    const at = daysAgo(200);
    await samples.syncRun(token, { state: SyncRunState.QUEUED, startedAt: at, endedAt: null });
    await runs(25, 25);
    expect((await left())[0]).toBe(200);
  });

  it("are not forgotten with another token's", async () => {
    await runs(5, 400);
    const quiet = token;
    token = await samples.token();
    await runs(30, 400);
    await left();
    expect(await world.read("SELECT id FROM sync_run WHERE token_id = $1", [quiet.id])).toHaveLength(5);
  });
});

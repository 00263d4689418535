import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { TokenHealthState as S, type Token, TokenAuthority } from "../../../src/entities/token.js";
import { scheduleSync } from "../../../src/sync/watch/schedule-sync.js";
import { SCHEDULES } from "../../../src/sync/watch/schedules.js";
import { SampleRows } from "../../http/sample-rows.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

let world: TargetWorld;
beforeEach(async () => {
  world = await createTargetWorld([]);
});
afterEach(() => world.stop());

/** @returns its id. */
async function addToken(own: Partial<Token> & { state?: S } = {}): Promise<string> {
  const { state = S.ACTIVE, ...token } = own;
  const rows = new SampleRows(world.core.dataSource);
  const mirrored = own.authority === TokenAuthority.TARGET && {
    targetId: (await rows.target()).id,
    externalId: "1",
    secret: null,
    fingerprint: null,
  };
  const health = { state, since: new Date(), cause: null, evidence: null, remedy: null };
  return (await rows.token({ ...token, ...mirrored, health })).id;
}

const asked = async () => ({
  runs: (await world.read<{ mode: string }>("SELECT mode FROM sync_run")).map(({ mode }) => mode),
  jobs: (await world.read<{ task: string }>("SELECT task_identifier AS task FROM graphile_worker.jobs ORDER BY 1")).map(
    ({ task }) => task,
  ),
});

describe("when its time has come a token", () => {
  it.each([
    ["that was never read is read in full", {}, { runs: ["FULL"], jobs: ["sync-token"] }],
    [
      "that was just read in full is asked what changed",
      { lastFullSyncAt: new Date() },
      { runs: ["DELTA"], jobs: ["sync-token"] },
    ],
    ["that Apple has revoked is looked at instead", { state: S.REVOKED }, { runs: [], jobs: ["verify-token"] }],
    ["that has expired is looked at instead", { state: S.EXPIRED }, { runs: [], jobs: ["verify-token"] }],
    [
      "of ours that is a duplicate is looked at instead",
      { state: S.DUPLICATE_LOCATION },
      { runs: [], jobs: ["verify-token"] },
    ],
    [
      "that an MDM says has expired is read there: it may have been renewed",
      { state: S.EXPIRED, authority: TokenAuthority.TARGET },
      { runs: ["FULL"], jobs: ["sync-token-at-target"] },
    ],
    ["that may only read is read", { state: S.CLAIMED_ELSEWHERE }, { runs: ["FULL"], jobs: ["sync-token"] }],
    ["that is paused is left alone", { state: S.SUSPENDED }, { runs: [], jobs: [] }],
    ["that is being removed is left alone", { removingAt: new Date() }, { runs: [], jobs: [] }],
  ] as const)("%s", async (_, own, expected) => {
    const tokenId = await addToken(own);
    await scheduleSync(world.core, { tokenId });
    expect(await asked()).toEqual(expected);
  });
});

describe("a tick of the schedule", () => {
  const tick = () =>
    world.core.dataSource.transaction((tx) => SCHEDULES.sync(tx, world.core, new Date("2090-01-01T05:00:00Z")));
  const times = () =>
    world.read<{ at: Date }>("SELECT run_at AS at FROM graphile_worker.jobs WHERE task_identifier = 'schedule-sync'");

  test("has a few tokens read at once", async () => {
    for (let at = 0; at < 9; at += 1) await addToken();
    await tick();
    expect((await times()).every(({ at }) => at.getTime() < Date.now() + 60_000)).toBe(true);
  });

  test("has each of many read at its own moment, the same with every tick", async () => {
    for (let at = 0; at < 12; at += 1) await addToken();
    await tick();
    const first = await times();
    expect(new Set(first.map(({ at }) => at.getTime())).size).toBe(12);
    expect(first.every(({ at }) => at.getUTCFullYear() === 2090 && at.getUTCHours() === 5)).toBe(true);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await tick();
    expect(await times()).toEqual(first);
  });
});

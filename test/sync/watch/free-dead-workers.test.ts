import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { freeDeadWorkers } from "../../../src/sync/watch/free-dead-workers.js";
import { LIVE_WORKER_LOCK } from "../../../src/sync/watch/live-worker.js";
import { createTokenWorld, type TokenWorld } from "../tokens/token-world.js";

let world: TokenWorld;
beforeAll(async () => {
  world = await createTokenWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.read("DELETE FROM graphile_worker._private_job_queues"));

async function hold(queue: string, worker: string, secondsAgo: number): Promise<void> {
  await world.core.dataSource.query(
    `INSERT INTO graphile_worker._private_job_queues (queue_name, locked_by, locked_at)
     VALUES ($1, $2, now() - $3 * interval '1 s')`,
    [queue, worker, secondsAgo],
  );
}

/** Who holds queues after a look with a clock that runs so many times as fast. */
async function holdersAfter(timeScale: number): Promise<unknown> {
  const clock = { ...world.core.clock, scaled: (durationMs: number) => durationMs / timeScale };
  await freeDeadWorkers({ ...world.core, clock });
  const held = await world.read<{ locked_by: string }>(
    "SELECT locked_by FROM graphile_worker._private_job_queues WHERE locked_by IS NOT NULL ORDER BY locked_by",
  );
  return held.map(({ locked_by }) => locked_by);
}

it("frees what a dead worker has held for ten seconds, and leaves one alone that may only be young", async () => {
  await hold("old", "pool-old", 11);
  await hold("young", "pool-young", 5);
  expect(await holdersAfter(1)).toEqual(["pool-young"]);
});

it("waits less where time runs faster, but never less than a second: the database is no faster", async () => {
  await hold("old", "pool-old", 2);
  await hold("young", "pool-young", 0);
  expect(await holdersAfter(500)).toEqual(["pool-young"]);
});

it("frees nothing of a worker that shows that it lives, however long it has worked", async () => {
  const session = world.core.dataSource.createQueryRunner();
  await session.query("SELECT pg_advisory_lock($1, hashtext('pool-live'))", [LIVE_WORKER_LOCK]);
  await hold("long", "pool-live", 3_600);
  expect(await holdersAfter(500)).toEqual(["pool-live"]);
  await session.query("SELECT pg_advisory_unlock($1, hashtext('pool-live'))", [LIVE_WORKER_LOCK]);
  await session.release();
});

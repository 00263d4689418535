import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { LIVE_WORKER_LOCK } from "./live-worker.js";

/** A worker younger than this may not have shown yet that it lives. */
const GRACE_MS = 10_000;

/** However fast the clock runs, the database is no faster. */
const LEAST_GRACE_MS = 1_000;

/** Gives the jobs and queues of workers whose session is gone to others; graphile-worker itself waits four hours. */
export async function freeDeadWorkers(core: Core): Promise<void> {
  const dead = await rows<{ worker_id: string }>(
    core.dataSource,
    `SELECT locked_by AS worker_id FROM (
       SELECT locked_by, locked_at FROM graphile_worker._private_jobs
       UNION ALL SELECT locked_by, locked_at FROM graphile_worker._private_job_queues
     ) held
     WHERE locked_by IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM pg_locks
                       WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2
                         AND objid::bigint = (hashtext(held.locked_by)::bigint & 4294967295)
                         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
     GROUP BY locked_by HAVING max(locked_at) < now() - $2 * interval '1 ms'`,
    [LIVE_WORKER_LOCK, Math.max(LEAST_GRACE_MS, core.clock.scaled(GRACE_MS))],
  );
  if (dead.length === 0) return;
  const ids = dead.map((worker) => worker.worker_id);
  core.log.warn({ workers: ids }, "Workers are gone; their jobs are given to others");
  await core.dataSource.query("SELECT graphile_worker.force_unlock_workers($1::text[])", [ids]);
}

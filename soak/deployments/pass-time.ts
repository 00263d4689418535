import type { Stage } from "./stage.js";

/** Where graphile-worker keeps locks, and by which key. */
const LOCKED = [
  ["_private_jobs", "id"],
  ["_private_job_queues", "id"],
] as const;

/**
 * Time passes: what waits for a later attempt is due now. An answer that is on its way is not hurried, and the lock of a
 * worker that lives is not touched: `free-dead-workers` frees only those whose session is gone.
 * @param stubborn serial numbers of devices that are not asked again: they would say nothing new.
 */
export async function passTime({ ours }: Stage, stubborn: readonly string[]): Promise<void> {
  await ours.rows(
    `UPDATE apple_operation SET next_attempt_at = now()
     WHERE ended_at IS NULL AND next_attempt_at > now()
       AND (state IN ('PENDING', 'UNKNOWN', 'SENT') OR state = 'SENDING' AND NOT EXISTS (
         SELECT FROM graphile_worker.jobs WHERE task_identifier = 'run-operations' AND locked_at IS NOT NULL))`,
  );
  await ours.rows("UPDATE store_app SET claims_resume_at = now() WHERE claims_resume_at > now()");
  await ours.rows("UPDATE target SET paused_until = now() WHERE paused_until > now()");
  await ours.rows(
    `UPDATE installation SET next_look_at = now() WHERE next_look_at > now()
       AND NOT EXISTS (SELECT FROM device WHERE device.id = device_id AND device.serial = ANY($1))`,
    [stubborn],
  );
  for (const [table, key] of LOCKED) {
    await ours.rows(
      `UPDATE graphile_worker.${table} SET locked_at = locked_at - interval '1 hour'
       WHERE ${key} IN (SELECT ${key} FROM graphile_worker.${table}
                        WHERE locked_at > now() - interval '10 minutes' FOR UPDATE SKIP LOCKED)`,
    );
  }
  await ours.rows(
    `WITH due AS (
       UPDATE graphile_worker._private_jobs SET run_at = now()
       WHERE id IN (SELECT id FROM graphile_worker._private_jobs
                    WHERE run_at > now() AND locked_at IS NULL FOR UPDATE SKIP LOCKED)
       RETURNING id
     )
     SELECT pg_notify('jobs:insert', json_build_object('r', random()::text, 'count', count(*))::text)
     FROM due HAVING count(*) > 0`,
  );
}

/** Days pass for devices that did not do as told: what they refused is tried again, what they cannot do is given up. */
export async function passDays({ ours }: Stage): Promise<void> {
  await ours.rows("UPDATE installation SET deadline_at = now() WHERE deadline_at > now()");
  await ours.rows("SELECT graphile_worker.add_job('sweep', queue_name := 'sweep', job_key := 'sweep::now')");
}

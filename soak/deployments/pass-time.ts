import type { Stage } from "./stage.js";

/** SQL that sets what is due later to now. Whatever the service has locked just now is left for the next time. */
function due(table: string, key: string, column: string, condition = "true"): string {
  return `UPDATE ${table} SET ${column} = now() WHERE (${key}) IN (
            SELECT ${key} FROM ${table} WHERE ${column} > now() AND ${condition} FOR UPDATE SKIP LOCKED)`;
}

/** SQL that makes graphile-worker's locks old; `free-dead-workers` frees only those whose session is gone. */
function aged(table: string): string {
  return `UPDATE graphile_worker.${table} SET locked_at = locked_at - interval '1 hour' WHERE id IN (
            SELECT id FROM graphile_worker.${table} WHERE locked_at > now() - interval '10 minutes' FOR UPDATE SKIP LOCKED)`;
}

/** An answer that is on its way is not hurried: only where nobody is at work is a sender known to be dead. */
const DUE_OPERATION = `ended_at IS NULL AND (state IN ('PENDING', 'UNKNOWN', 'SENT') OR state = 'SENDING' AND NOT EXISTS (
  SELECT FROM graphile_worker.jobs WHERE task_identifier = 'run-operations' AND locked_at IS NOT NULL))`;

const TIME_PASSES = `
  WITH operations AS (${due("apple_operation", "token_id, id", "next_attempt_at", DUE_OPERATION)}),
       claims AS (${due("store_app", "token_id, id", "claims_resume_at")}),
       targets AS (${due("target", "id", "paused_until")}),
       looks AS (${due(
         "installation",
         "token_id, id",
         "next_look_at",
         "NOT EXISTS (SELECT FROM device WHERE device.id = device_id AND device.serial = ANY($1))",
       )}),
       locks AS (${aged("_private_jobs")}),
       queues AS (${aged("_private_job_queues")}),
       jobs AS (${due("graphile_worker._private_jobs", "id", "run_at", "locked_at IS NULL")} RETURNING id)
  SELECT pg_notify('jobs:insert', json_build_object('r', random()::text, 'count', count(*))::text)
  FROM jobs HAVING count(*) > 0`;

/**
 * Time passes: what waits for a later attempt is due now.
 * @param stubborn serial numbers of devices that are not asked again: they would say nothing new.
 */
export async function passTime({ ours }: Stage, stubborn: readonly string[]): Promise<void> {
  await ours.rows(TIME_PASSES, [stubborn]);
}

/** Days pass for devices that did not do as told: what they refused is tried again, what they cannot do is given up. */
export async function passDays({ ours }: Stage): Promise<void> {
  await ours.rows(due("installation", "token_id, id", "deadline_at"));
  await ours.rows("SELECT graphile_worker.add_job('sweep', queue_name := 'sweep', job_key := 'sweep::now')");
}

import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJobs, storedNames } from "../jobs.js";
import type { OverdueWork } from "./overdue-work.js";

/** Adds a job at these places, but leaves alone those where it is due or runs; most jobs for later may be later than they have to be. */
export async function addWhereIdle(
  tx: EntityManager,
  { job, key, keepsPauses }: Omit<OverdueWork, "find">,
  places: readonly string[],
): Promise<void> {
  if (places.length === 0) return;
  const idle = await rows<{ place: string }>(
    tx,
    `SELECT place FROM unnest($1::text[]) AS place
     WHERE NOT EXISTS (
       SELECT FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
       WHERE task.identifier = ANY($2) AND job.payload ->> $3 = place AND job.attempts < job.max_attempts
         AND ($4 OR job.run_at <= now() OR job.locked_at IS NOT NULL))
     ORDER BY place`,
    [places, storedNames(job), key, keepsPauses ?? false],
  );
  const payloads = idle.map(({ place }) => ({ [key]: place }));
  await addJobs(tx, job, payloads as never);
}

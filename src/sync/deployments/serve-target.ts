import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import type { Jobs } from "../jobs.js";
import { applySteps } from "./apply-steps.js";
import { pollSteps } from "./poll-steps.js";
import { prepareApplications } from "./prepare-applications.js";
import { readWebhookEvents } from "./read-webhook-events.js";
import { returnAtTarget } from "./return-at-target.js";

/** In the order in which one leads to the next. */
const URGENT = {
  "read-webhook-events": readWebhookEvents,
  "prepare-applications": prepareApplications,
  "apply-steps": applySteps,
  "poll-steps": pollSteps,
  "return-at-target": returnAtTarget,
} satisfies Partial<{ [Name in keyof Jobs]: (core: Core, payload: Jobs[Name]) => Promise<void> }>;

/**
 * Does what waits at a target behind a long reading of it. Its jobs stay, and find nothing left to do: a target has one queue,
 * so that it takes one of the workers' slots however it behaves, and what reads for long lets them go first.
 */
export async function serveTarget(core: Core, targetId: string): Promise<void> {
  const waiting = await rows<{ name: string }>(
    core.dataSource,
    `SELECT DISTINCT task.identifier AS name
     FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
     WHERE job.payload ->> 'targetId' = $1 AND job.run_at <= now() AND job.locked_at IS NULL
       AND job.attempts < job.max_attempts`,
    [targetId],
  );
  const names = new Set(waiting.map(({ name }) => name));
  for (const [name, serve] of Object.entries(URGENT)) if (names.has(name)) await serve(core, { targetId });
}

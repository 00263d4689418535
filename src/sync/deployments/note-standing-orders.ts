import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { readStoredTarget } from "../targets/stored-target.js";
import type { TargetStep } from "./target-steps.js";

/**
 * Notes, before steps are told, what the product goes on doing by them (rule 1): one order an app and collection, or an app
 * where devices are addressed alone. One that is given again has to be released anew, whatever has failed before.
 */
export async function noteStandingOrders(core: Core, targetId: string, told: readonly TargetStep[]): Promise<void> {
  const orders = told.filter(({ step }) => step.action !== "verify");
  if (orders.length === 0 || !(await releases(core, targetId))) return;
  await core.dataSource.transaction(async (tx) => {
    const given = await rows<{ renewed: boolean }>(
      tx,
      `INSERT INTO standing_order AS o (token_id, application_id, collection, collection_name, given_at)
       SELECT d.token_id, d.application_id, told.collection, max(told.name), $5
       FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[]) AS told(token_id, id, collection, name)
       JOIN installation i ON i.token_id = told.token_id AND i.id = told.id
       JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
       GROUP BY d.token_id, d.application_id, told.collection ORDER BY 1, 2, 3
       ON CONFLICT (token_id, application_id, collection)
       DO UPDATE SET attempts = 0, next_attempt_at = NULL, last_error = NULL, handed_over_at = NULL
       WHERE o.attempts > 0 OR o.handed_over_at IS NOT NULL
       RETURNING o.given_at < $5 AS renewed`,
      [
        orders.map(({ tokenId }) => tokenId),
        orders.map(({ id }) => id),
        orders.map(({ step }) => step.collection?.externalId ?? ""),
        orders.map(({ step }) => step.collection?.name ?? ""),
        core.clock.now(),
      ],
    );
    if (given.some(({ renewed }) => renewed)) await addJob(tx, "release-orders", { targetId });
  });
}

/** Of a target that is gone, or whose plugin is not installed, nothing is noted: the call that follows says so. */
async function releases(core: Core, targetId: string): Promise<boolean> {
  const target = await readStoredTarget(core.dataSource, targetId);
  return target !== null && core.plugins.get(target.plugin)?.abilities.releases === true;
}

import { PluginError, type StepOutcome } from "../../plugins/contract.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { callTarget } from "../targets/call-target.js";
import { lockInstallations } from "./lock-installations.js";
import { noteStandingOrders } from "./note-standing-orders.js";
import { stepsAlone, type TargetStep } from "./target-steps.js";
import { usableOutcomes } from "./usable-answers.js";

/** How many devices one call hands over, and how long it may take, in real time. */
const BATCH = 1_000;
const CALL_DEADLINE_MS = 60_000;

/** Which standing order. */
export interface OrderKey {
  readonly tokenId: string;
  readonly applicationId: string;
  /** Empty: that of the devices that were addressed alone. */
  readonly collection: string;
}

/**
 * Has the product address alone the devices that keep an app by deployments that were deleted, as they had it by their
 * collection: what stands for that can then be released without taking the app from them. Told again it does no harm.
 * @returns whether there are such devices.
 * @throws PluginError `rejected` when the product cannot do so for one of them.
 */
export async function handOver(core: Core, targetId: string, order: OrderKey): Promise<boolean> {
  let some = false;
  for (let after = "0"; ; ) {
    const keys = await keptByOrder(core, order, after);
    const last = keys.at(-1);
    if (last === undefined) return some;
    after = last.id;
    const told = await stepsAlone(core, targetId, keys);
    if (told.length === 0) continue;
    some = true;
    await noteStandingOrders(core, targetId, told);
    const steps = told.map(({ step }) => step);
    const outcomes = await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
      usableOutcomes(core, targetId, steps.length, await connection.apply(steps, signal)),
    );
    await keepHandles(core, told, outcomes);
    requireAll(core, told, outcomes);
  }
}

/**
 * Those who left with their deployment, and have the app, or may get it yet. Who left the collection before hangs on it no more, but
 * a device does that left for want of a user, and is in it still. Of a deployment whose collection is not known here any more all
 * are meant: it may be this one. A device that is to lose the app by another deployment keeps nothing.
 */
function keptByOrder(
  core: Core,
  { tokenId, applicationId, collection }: OrderKey,
  after: string,
): Promise<TokenScopedKey[]> {
  return rows<TokenScopedKey>(
    core.dataSource,
    `SELECT i.token_id AS "tokenId", i.id
     FROM deployment d LEFT JOIN collection c ON c.id = d.collection_id AND c.target_id = d.target_id
     JOIN installation i ON i.token_id = d.token_id AND i.deployment_id = d.id
     WHERE d.token_id = $1 AND d.application_id = $2 AND (c.external_id = $3 OR d.collection_id IS NULL) AND i.id > $4
       AND i.want = 'PRESENT' AND i.left_at IS NOT NULL AND d.deleted_at IS NOT NULL
       AND (i.left_at >= d.deleted_at OR EXISTS (
         SELECT FROM collection_member member WHERE member.collection_id = d.collection_id AND member.device_id = i.device_id))
       AND (i.state IN ('INSTALLING', 'INSTALLED') OR i.state = 'FAILED' AND i.deadline_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM installation other
                       WHERE other.device_id = i.device_id AND other.token_id = i.token_id
                         AND other.store_app_id = i.store_app_id AND other.state IN ('REMOVING', 'REMOVAL_FAILED'))
     ORDER BY i.id LIMIT ${BATCH}`,
    [tokenId, applicationId, collection, after],
  );
}

/** News of those that are under way may come by the new handle from now on. */
async function keepHandles(core: Core, told: readonly TargetStep[], outcomes: readonly StepOutcome[]): Promise<void> {
  const handles = new Map(outcomes.flatMap((one) => (one.outcome === "accepted" ? [[one.key, one.handle]] : [])));
  const taken = told.filter(({ step }) => handles.has(step.key));
  await core.dataSource.transaction(async (tx) => {
    await lockInstallations(tx, taken);
    await tx.query(
      `UPDATE installation i SET handle = taken.handle
       FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[]) AS taken(token_id, id, generation, handle)
       WHERE i.token_id = taken.token_id AND i.id = taken.id AND i.generation = taken.generation
         AND i.handle IS NOT NULL AND i.handle <> taken.handle`,
      [
        taken.map(({ tokenId }) => tokenId),
        taken.map(({ id }) => id),
        taken.map(({ generation }) => generation),
        taken.map(({ step }) => handles.get(step.key)),
      ],
    );
  });
}

/** A device that the product no longer knows has nothing to keep. */
function requireAll(core: Core, told: readonly TargetStep[], outcomes: readonly StepOutcome[]): void {
  const known = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  const refusals: string[] = [];
  for (const { step } of told) {
    const outcome = known.get(step.key);
    if (outcome?.outcome === "failed" && outcome.failure.code !== "DEVICE_UNKNOWN") {
      refusals.push(outcome.failure.detail);
    } else if (outcome === undefined || outcome.outcome === "deferred") {
      const retryAfterMs = outcome ? Math.max(0, outcome.until.getTime() - core.clock.now().getTime()) : undefined;
      const reason = outcome?.reason ?? "The target said nothing about some of the devices.";
      throw new PluginError("transient", reason, retryAfterMs === undefined ? {} : { retryAfterMs });
    }
  }
  if (refusals.length === 0) return;
  throw new PluginError(
    "rejected",
    `${refusals.length} devices keep the app, and cannot be addressed without the collection: ${refusals[0]} ` +
      "Delete the deployment once more with another onLeave, or help these devices.",
  );
}

import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { FAILURES_TOLD, RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../queries/release-due-sql.js";
import { row, rows } from "../../queries/sql.js";
import { allowDeletion } from "../allow-deletion.js";
import type { Core } from "../core.js";
import { OPENS_AFTER } from "./circuit/next-circuit.js";
import { recheckDuplicates } from "./recheck-duplicates.js";
import { noSuchTarget } from "./stored-target.js";

/**
 * Removes a target with its mirrored collections, its names of our holders and the mirrors of its tokens. Users and
 * devices stay: licences may be theirs. Nothing is changed at the product.
 * @throws AppError NOT_FOUND; CONFLICT while a deployment goes through it, or to one of its collections, that lives, or
 * was deleted and has not come to its end, or while the product is about to end what one has set up there: that is waited for
 * unless that, or every call to the target, fails.
 */
export async function removeTarget(tx: EntityManager, core: Core, targetId: string): Promise<void> {
  const target = await row<{ name: string; failures: number }>(
    tx,
    "SELECT name, failures FROM target WHERE id = $1 FOR UPDATE",
    [targetId],
  );
  if (!target) throw noSuchTarget(targetId);
  const used = await row<{ deployments: number }>(
    tx,
    `SELECT count(*)::int AS deployments FROM deployment
     WHERE (target_id = $1
            OR collection_id IN (SELECT id FROM collection WHERE target_id = $1)
            OR token_id IN (SELECT id FROM token WHERE target_id = $1 AND authority = '${TokenAuthority.TARGET}'))
       AND (deleted_at IS NULL OR target_id = $1 AND EXISTS (
         SELECT FROM installation
         WHERE installation.token_id = deployment.token_id AND installation.deployment_id = deployment.id
           AND installation.state IN ('CLAIMING', 'REMOVING', 'REMOVAL_FAILED', 'RETURNING')))`,
    [targetId],
  );
  if (used && used.deployments > 0) {
    throw new AppError(
      "CONFLICT",
      `The target "${target.name}" is used by ${used.deployments} deployments, and stays while they exist.`,
      { targetId: encodeGlobalId("Target", targetId), deployments: used.deployments },
    );
  }
  if (target.failures < OPENS_AFTER) await refuseWhileReleasing(tx, targetId, target.name);
  await clearAlerts(tx, core, targetId);
  await tx.query("DELETE FROM installation WHERE target_id = $1", [targetId]);
  await tx.query("DELETE FROM deployment WHERE target_id = $1", [targetId]);
  await tx.query("DELETE FROM application WHERE target_id = $1", [targetId]);
  await allowDeletion(tx);
  await tx.query("DELETE FROM token WHERE target_id = $1", [targetId]);
  await tx.query("DELETE FROM target WHERE id = $1", [targetId]);
  await recheckDuplicates(tx);
}

async function refuseWhileReleasing(tx: EntityManager, targetId: string, name: string): Promise<void> {
  const standing = await row<{ handedOver: boolean }>(
    tx,
    `SELECT o.handed_over_at IS NOT NULL AS "handedOver" FROM ${STANDING_ORDERS_SQL} WHERE application.target_id = $1 AND o.attempts < ${FAILURES_TOLD} AND ${RELEASE_DUE_SQL}
     ORDER BY 1 DESC LIMIT 1`,
    [targetId],
  );
  if (!standing) return;
  throw new AppError(
    "CONFLICT",
    `What deployments have set up at "${name}" is being ended there: try again in ${standing.handedOver ? "an hour, when the devices that keep their apps have them by themselves" : "a minute"}.`,
    { targetId: encodeGlobalId("Target", targetId) },
  );
}

async function clearAlerts(tx: EntityManager, core: Core, targetId: string): Promise<void> {
  const collections = await rows<{ id: string }>(tx, "SELECT id FROM collection WHERE target_id = $1", [targetId]);
  const tokens = await rows<{ id: string }>(tx, "SELECT id FROM token WHERE target_id = $1", [targetId]);
  const subjects = [
    encodeGlobalId("Target", targetId),
    ...collections.map(({ id }) => encodeGlobalId("Collection", id)),
  ];
  await tx.query(
    "UPDATE alert SET cleared_at = $3 WHERE (subject = ANY($1) OR token_id = ANY($2)) AND cleared_at IS NULL",
    [subjects, tokens.map(({ id }) => id), core.clock.now()],
  );
}

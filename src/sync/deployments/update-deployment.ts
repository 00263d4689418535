import type { EntityManager } from "typeorm";
import type { OnLeave } from "../../entities/deployment.js";
import { StoreApp } from "../../entities/store-app.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { lockLivingDeployment } from "./lock-deployment.js";
import { endLeavers } from "./refresh-members.js";
import { refusePriority } from "./refuse-priority.js";
import { refuseReclaim } from "./refuse-reclaim.js";

/** What is not given stays. */
export interface DeploymentChanges {
  /** For those who leave from now on; who has left before stays as it is. */
  readonly onLeave?: OnLeave;
  /** Within the bounds of PRIORITY; those who wait keep the time they have waited. */
  readonly priority?: number;
}

/**
 * Changes a deployment: what becomes of those who leave from now on, and its priority, with which the queue for its app moves.
 * @throws AppError NOT_FOUND; INVALID_INPUT (priority); CONFLICT when it is deleted; PRECONDITION_FAILED when licences are to
 * be taken back that Apple does not take back.
 */
export async function updateDeployment(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  { onLeave, priority }: DeploymentChanges,
): Promise<void> {
  const deployment = await lockLivingDeployment(tx, key);
  if (onLeave !== undefined) {
    refuseReclaim(await tx.findOneByOrFail(StoreApp, { tokenId: key.tokenId, id: deployment.storeAppId }), onLeave);
    await endLeavers(tx, core, deployment);
  }
  if (priority !== undefined) refusePriority(priority);
  await tx.query(
    `UPDATE deployment SET on_leave = COALESCE($3, on_leave), priority = COALESCE($4, priority)
     WHERE token_id = $1 AND id = $2`,
    [key.tokenId, key.id, onLeave ?? null, priority ?? null],
  );
  if (priority !== undefined) await addJob(tx, "license-installations", { tokenId: key.tokenId });
}

import type { EntityManager } from "typeorm";
import { DeploymentAction, OnLeave } from "../../entities/deployment.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { endInstallations } from "./end-installations.js";
import { GONE_SQL } from "./ending-sql.js";
import { lockLivingDeployment } from "./lock-deployment.js";
import { lockInstallationsOf } from "./lock-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { endLeavers, refreshDeployment } from "./refresh-members.js";
import { resumeRemovals } from "./resume-removals.js";
import { wantAgain } from "./want-again.js";

/** SQL for the installations of one deployment. */
const OF_DEPLOYMENT = "i.token_id = $1 AND i.deployment_id = $2";

/**
 * Turns a deployment from INSTALL to UNINSTALL or back, at any moment, in one statement however many devices: see "Flip" in
 * the design. The licence returns only when the removal is confirmed on the device. The same action again changes nothing.
 * @throws AppError NOT_FOUND; CONFLICT when it is deleted.
 */
export async function changeDeploymentAction(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  action: DeploymentAction,
  actor: string,
): Promise<void> {
  const deployment = await lockLivingDeployment(tx, key);
  if (deployment.action === action) return;
  if (action === DeploymentAction.UNINSTALL) await endLeavers(tx, core, deployment);
  else {
    await lockWishes(tx, [{ tokenId: deployment.tokenId, id: deployment.storeAppId }]);
    await lockInstallationsOf(tx, deployment);
  }
  deployment.action = action;
  deployment.actionBy = actor;
  deployment.actionAt = core.clock.now();
  await tx.save(deployment);
  if (action === DeploymentAction.UNINSTALL) {
    await wantAbsent(tx, core, key);
    await resumeRemovals(tx, core, { tokenId: key.tokenId, id: deployment.storeAppId });
  } else {
    await wantAgain(tx, core, `${OF_DEPLOYMENT} AND i.want = 'ABSENT' AND i.left_at IS NULL`, [key.tokenId, key.id]);
    await refreshDeployment(tx, core, key);
  }
  await addJob(tx, "advance-installations", { tokenId: key.tokenId });
  await addJob(tx, "apply-steps", { targetId: deployment.targetId });
}

/**
 * Of those who have left only the licences of lost devices are concerned, from which the app is gone already; the others
 * are no members any more.
 */
async function wantAbsent(tx: EntityManager, core: Core, { tokenId, id }: TokenScopedKey): Promise<void> {
  await endInstallations(tx, core, {
    which: `${OF_DEPLOYMENT} AND i.want = 'PRESENT' AND (i.left_at IS NULL OR ${GONE_SQL})`,
    onLeave: `'${OnLeave.UNINSTALL}'`,
    parameters: [tokenId, id],
    leaves: false,
  });
}

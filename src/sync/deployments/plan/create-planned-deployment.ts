import type { EntityManager } from "typeorm";
import { DeploymentPlan } from "../../../entities/deployment-plan.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { AppError } from "../../../errors.js";
import type { Core, TokenScopedKey } from "../../core.js";
import { createDeployment } from "../create-deployment.js";
import type { WantedDeployment } from "../require-deployable.js";
import { openPlan } from "./plan-ground.js";
import { refuseWorsePlan } from "./refuse-worse-plan.js";

/**
 * Creates the deployment that was planned, once, if nothing has become worse since: it is computed again in this
 * transaction, during which nobody else is licensed for the app.
 * @returns the Deployment's id.
 * @throws AppError NOT_FOUND; CONFLICT (`problem` PLAN_USED, or PLAN_CHANGED with the difference); PRECONDITION_FAILED
 *   (`problem` PLAN_EXPIRED); those of `requireDeployable` and `computePlan`.
 */
export async function createPlannedDeployment(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  actor: string,
): Promise<string> {
  const plan = await tx.findOne(DeploymentPlan, { where: { ...key }, lock: { mode: "pessimistic_write" } });
  if (!plan) throw new AppError("NOT_FOUND", "There is no such plan: an expired one is forgotten. Plan again.");
  refuseUsed(plan);
  refuseExpired(plan, core.clock.now());
  const wanted = wantedBy(plan);
  await refuseWorsePlan(tx, core, plan, await openPlan(tx, core, wanted));
  const deploymentId = await createDeployment(tx, core, wanted, actor);
  await tx.update(DeploymentPlan, { ...key }, { usedAt: core.clock.now(), deploymentId });
  return deploymentId;
}

function refuseUsed({ tokenId, deploymentId }: DeploymentPlan): void {
  if (deploymentId === null) return;
  throw new AppError("CONFLICT", "A deployment was made of this plan already. Plan again for another.", {
    problem: "PLAN_USED",
    deploymentId: encodeGlobalId("Deployment", tokenId, deploymentId),
  });
}

function refuseExpired({ expiresAt }: DeploymentPlan, now: Date): void {
  if (now < expiresAt) return;
  throw new AppError("PRECONDITION_FAILED", "This plan is older than 24 hours. Plan again.", {
    problem: "PLAN_EXPIRED",
    expiresAt: expiresAt.toISOString(),
  });
}

function wantedBy(plan: DeploymentPlan): WantedDeployment {
  const { tokenId, storeAppId, collectionId, targetId, action, purpose, licensing, onLeave, priority } = plan;
  const storeApp = { tokenId, id: storeAppId };
  return { storeApp, collectionId, targetId, action, purpose, licensing, onLeave, priority };
}

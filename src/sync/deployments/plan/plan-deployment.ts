import type { EntityManager } from "typeorm";
import { DeploymentPlan, PlanCertainty, type PlanOutcomeCount } from "../../../entities/deployment-plan.js";
import { TokenAuthority } from "../../../entities/token.js";
import type { Core } from "../../core.js";
import type { WantedDeployment } from "../require-deployable.js";
import { computePlan } from "./compute-plan.js";
import { openPlan, type PlanGround } from "./plan-ground.js";
import { planWarnings } from "./plan-warnings.js";
import type { PlannedMember } from "./planned-member.js";
import { storeMembers } from "./store-members.js";

/** How long a plan may be used. */
const PLAN_LIFE_MS = 24 * 3_600_000;

/**
 * Stores what a deployment would mean. It changes nothing else, holds no stock, and promises licences as of this moment, not
 * what devices will do. What a deployment would be refused for, its plan is, too.
 * @returns the plan's id.
 * @throws AppError those of `requireDeployable` and `computePlan`.
 */
export async function planDeployment(
  tx: EntityManager,
  core: Core,
  wanted: WantedDeployment,
  actor: string,
): Promise<string> {
  const ground = await openPlan(tx, core, wanted);
  const plan = await insertPlan(tx, core, ground, actor);
  const counts = new Map<string, PlanOutcomeCount>();
  const licenses = await computePlan(tx, core, ground, async (batch) => {
    for (const member of batch) count(counts, member);
    await storeMembers(tx, plan, batch);
  });
  const warned = { ...ground, action: wanted.action };
  const warnings = planWarnings(warned, licenses.licensesMissing, plan.createdAt, core.policy);
  await tx.save(Object.assign(plan, licenses, { warnings, outcomeCounts: [...counts.values()] }));
  return plan.id;
}

function insertPlan(tx: EntityManager, core: Core, ground: PlanGround, actor: string): Promise<DeploymentPlan> {
  const { wanted, app, token, target, stockBefore } = ground;
  const { storeApp, collectionId, targetId, action, licensing, priority, onLeave } = wanted;
  return tx.save(
    tx.create(DeploymentPlan, {
      tokenId: storeApp.tokenId,
      storeAppId: storeApp.id,
      collectionId,
      targetId,
      action,
      licensing,
      priority,
      onLeave,
      certainty: token.authority === TokenAuthority.TARGET ? PlanCertainty.PREDICTED : PlanCertainty.DECIDED,
      stockBefore,
      stockAfter: stockBefore,
      countsAt: app.countsAt,
      lastSyncAt: token.lastSyncAt,
      holdersImportedAt: target.holdersImportedAt,
      createdBy: actor,
      createdAt: core.clock.now(),
      expiresAt: core.clock.in(PLAN_LIFE_MS),
    }),
  );
}

function count(counts: Map<string, PlanOutcomeCount>, { outcome, reason, license }: PlannedMember): void {
  const key = `${outcome} ${reason} ${license}`;
  const known = counts.get(key);
  counts.set(key, { outcome, reason, license, count: (known?.count ?? 0) + 1 });
}

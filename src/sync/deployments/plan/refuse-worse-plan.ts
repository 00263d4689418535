import type { EntityManager } from "typeorm";
import type { DeploymentPlan } from "../../../entities/deployment-plan.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { AppError } from "../../../errors.js";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { isWorse, type Outcome } from "./compare-outcomes.js";
import { computePlan } from "./compute-plan.js";
import type { PlanGround } from "./plan-ground.js";
import type { PlannedMember } from "./planned-member.js";

/** How many members a refusal names; it counts them all. */
const MOST_NAMED = 20;

interface WorseMember {
  readonly member: PlannedMember;
  readonly before: Outcome | null;
}

/**
 * Computes a plan again and compares.
 * @throws AppError CONFLICT with the difference when a member's outcome has become worse, or more licences are needed; those
 *   of `computePlan`.
 */
export async function refuseWorsePlan(
  tx: EntityManager,
  core: Core,
  plan: DeploymentPlan,
  ground: PlanGround,
): Promise<void> {
  const named: WorseMember[] = [];
  let worse = 0;
  const { licensesNeeded } = await computePlan(tx, core, ground, async (batch) => {
    const before = await plannedBefore(tx, plan, batch);
    const found = batch.flatMap((member, at) => {
      const outcome = before[at] ?? null;
      return isWorse(outcome, member) ? [{ member, before: outcome }] : [];
    });
    worse += found.length;
    named.push(...found.slice(0, MOST_NAMED - named.length));
  });
  if (worse === 0 && licensesNeeded <= plan.licensesNeeded) return;
  throw new AppError("CONFLICT", difference(worse, plan.licensesNeeded, licensesNeeded), {
    problem: "PLAN_CHANGED",
    worse,
    members: named.map(told),
    licensesNeededBefore: plan.licensesNeeded,
    licensesNeededAfter: licensesNeeded,
  });
}

function difference(worse: number, neededBefore: number, neededAfter: number): string {
  const parts = [
    worse > 0 && `for ${worse} ${worse === 1 ? "member" : "members"}`,
    neededAfter > neededBefore &&
      `${neededAfter} ${neededAfter === 1 ? "licence is" : "licences are"} needed instead of ${neededBefore}`,
  ];
  return `Things have become worse since this was planned: ${parts.filter(Boolean).join(", and ")}. Plan again.`;
}

/** What the plan said of these members, in their order; null of who was none. */
async function plannedBefore(
  tx: EntityManager,
  plan: DeploymentPlan,
  batch: readonly PlannedMember[],
): Promise<(Outcome | null)[]> {
  const found = await rows<Outcome & { ordinal: number }>(
    tx,
    `SELECT now.ordinal::int AS ordinal, before.outcome, before.reason, before.license
     FROM unnest($3::uuid[]) WITH ORDINALITY AS now(id, ordinal)
     JOIN deployment_plan_member before ON before.token_id = $1 AND before.plan_id = $2
      AND COALESCE(before.device_id, before.user_id) = now.id`,
    [plan.tokenId, plan.id, batch.map(({ deviceId, userId }) => deviceId ?? userId)],
  );
  const byOrdinal = new Map(found.map((outcome) => [outcome.ordinal, outcome]));
  return batch.map((_, at) => byOrdinal.get(at + 1) ?? null);
}

/** In the words of the plan. */
function told({ member, before }: WorseMember): Record<string, string | null> {
  return {
    device: member.deviceId && encodeGlobalId("Device", member.deviceId),
    user: member.userId && encodeGlobalId("User", member.userId),
    before: before?.outcome ?? null,
    reasonBefore: before?.reason ?? null,
    licenseBefore: before?.license ?? null,
    after: member.outcome,
    reasonAfter: member.reason,
    licenseAfter: member.license,
  };
}

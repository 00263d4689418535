import type { EntityManager } from "typeorm";
import { DeploymentAction } from "../../../entities/deployment.js";
import type { PlanStock } from "../../../entities/deployment-plan.js";
import { TokenAuthority } from "../../../entities/token.js";
import { AppError } from "../../../errors.js";
import type { Core } from "../../core.js";
import type { PlanGround } from "./plan-ground.js";
import { planInstalls } from "./plan-installs.js";
import { planRemovals } from "./plan-removals.js";
import { afterMove } from "./plan-stock.js";
import type { MemberSink } from "./planned-member.js";
import { stageMembers } from "./stage-members.js";

/** What a plan says of licences. */
export interface PlannedLicenses {
  readonly licensesNeeded: number;
  readonly licensesMissing: number;
  readonly licensesLater: number;
  readonly licensesReturning: number;
  readonly licensesNotReturning: number;
  readonly stockAfter: PlanStock;
}

const NONE = {
  licensesNeeded: 0,
  licensesMissing: 0,
  licensesLater: 0,
  licensesReturning: 0,
  licensesNotReturning: 0,
};

/**
 * What a deployment would mean for each member, by the rules that give out and take back licences. In batches: of a member
 * no more is kept than who holds its licence.
 * @throws AppError NO_LICENSE_AVAILABLE where the MDM gives out the licences and has too few: it has no waiting list.
 */
export async function computePlan(
  tx: EntityManager,
  core: Core,
  ground: PlanGround,
  sink: MemberSink,
): Promise<PlannedLicenses> {
  const { wanted, stock, stockBefore } = ground;
  const members = await stageMembers(tx, wanted);
  if (wanted.action === DeploymentAction.UNINSTALL) {
    const { returning, notReturning } = await planRemovals(tx, wanted.storeApp, members, sink);
    const move = { claimed: -returning, waiting: 0, quotas: stock.quotas };
    const stockAfter = afterMove(stockBefore, move, wanted.collectionId);
    return { ...NONE, licensesReturning: returning, licensesNotReturning: notReturning, stockAfter };
  }
  const { needed, move } = await planInstalls(tx, core, ground, members, sink);
  if (ground.token.authority === TokenAuthority.TARGET) refuseWaiting(needed.count(), ground);
  return {
    ...NONE,
    licensesNeeded: needed.count(),
    licensesMissing: needed.count("missing"),
    licensesLater: needed.count("later"),
    stockAfter: afterMove(stockBefore, move, wanted.collectionId),
  };
}

function refuseWaiting(needed: number, { stock, target }: PlanGround): void {
  if (needed <= stock.free) return;
  throw new AppError(
    "NO_LICENSE_AVAILABLE",
    `"${target.name}" gives out the licences itself and has no waiting list: ${needed} are needed, ${stock.free} are free. Buy more first.`,
    { licensesNeeded: needed, licensesFree: stock.free },
  );
}

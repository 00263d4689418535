import type { EntityManager } from "typeorm";
import { InstallationState } from "../../../entities/installation.js";
import { TokenAuthority } from "../../../entities/token.js";
import type { Core } from "../../core.js";
import { type LicensingDecision, type LicensingRound, licensingRound } from "../decide-licensing.js";
import type { AppStock } from "../free-for.js";
import { licensingFacts } from "../licensing-facts.js";
import { turnsAhead } from "../licensing-turns.js";
import type { WantedDeployment } from "../require-deployable.js";
import { memberFacts, membersWithoutNeed } from "./member-facts.js";
import { NeededLicenses } from "./needed-licenses.js";
import type { PlanGround } from "./plan-ground.js";
import { planInstall, planWithoutLicense } from "./plan-install.js";
import type { StockMove } from "./plan-stock.js";
import { type MemberSink, PLAN_BATCH } from "./planned-member.js";
import { predictLicensing } from "./predict-licensing.js";

/** What an install means for the stock. */
export interface PlannedInstalls {
  readonly needed: NeededLicenses;
  readonly move: StockMove;
}

/**
 * What an install means for each staged member: those whose turn comes first are licensed first, as licensing would do it,
 * then the members.
 * @param members how many there are
 */
export async function planInstalls(
  tx: EntityManager,
  core: Core,
  { wanted, token, stock }: PlanGround,
  members: number,
  sink: MemberSink,
): Promise<PlannedInstalls> {
  const predicted = token.authority === TokenAuthority.TARGET;
  const round: LicensingRound = predicted ? { decide: predictLicensing, left: () => stock } : licensingRound(stock);
  const needed = new NeededLicenses();
  let waiting = predicted ? 0 : await licenseThoseAhead(tx, wanted, stock, round, needed);
  for (let after = 0; after < members; after += PLAN_BATCH) {
    const facts = await memberFacts(tx, core, wanted, after);
    const decisions = round.decide(facts);
    waiting += beginToWait(decisions);
    const planned = facts.map((member, at) => planInstall(member, decisions[at] as LicensingDecision, needed));
    const others = (await membersWithoutNeed(tx, after)).map(planWithoutLicense);
    await sink([...planned, ...others].sort((one, other) => one.position - other.position));
  }
  const claimed = predicted ? needed.count("now") : stock.free - round.left().free;
  return { needed, move: { claimed, waiting, quotas: round.left().quotas } };
}

/** @returns how many of them begin to wait for a licence, less those that cease to. */
async function licenseThoseAhead(
  tx: EntityManager,
  { storeApp, priority }: WantedDeployment,
  stock: AppStock,
  round: LicensingRound,
  needed: NeededLicenses,
): Promise<number> {
  const ids = (await turnsAhead(tx, storeApp, stock, priority)).map(({ id }) => id);
  let waiting = 0;
  for (let from = 0; from < ids.length; from += PLAN_BATCH) {
    const decisions = round.decide(await licensingFacts(tx, storeApp, ids.slice(from, from + PLAN_BATCH)));
    for (const { kind, facts } of decisions) if (kind === "claim") needed.claimedAhead(facts);
    waiting += beginToWait(decisions);
  }
  return waiting;
}

function beginToWait(decisions: readonly LicensingDecision[]): number {
  const waits = (decision: LicensingDecision) =>
    decision.kind === "wait" && decision.state === InstallationState.WAITING_FOR_LICENSE;
  const waited = ({ facts }: LicensingDecision) => facts.state === InstallationState.WAITING_FOR_LICENSE;
  return decisions.filter(waits).length - decisions.filter(waited).length;
}

import { PlannedLicense as L, PlanOutcome as O } from "../../../entities/deployment-plan-member.js";
import { InstallationReason as R } from "../../../entities/installation.js";
import type { PlannedMember } from "./planned-member.js";

/** What a plan says of a member. */
export type Outcome = Pick<PlannedMember, "outcome" | "reason" | "license">;

/**
 * How far from the app a member of an install is: what it waits for by itself, a person, stock, nothing. Who is registered
 * and has yet to accept is no farther than who has yet to be registered, and then to accept.
 */
function distance({ outcome, reason }: Outcome): number {
  if (outcome === O.INSTALL || outcome === O.ALREADY_THERE) return 0;
  if (reason === R.LICENSE_RETURNING) return 1;
  if (outcome === O.WAITS_FOR_USER) return 2;
  if (outcome === O.WAITS_FOR_LICENSE) return 3;
  return 4;
}

/**
 * Whether an outcome is worse than the one that was planned. An install: farther from the app. An uninstall: a device that
 * loses or keeps its app where the plan did not say so, or a licence that stays with its holder although the plan said that it
 * returns; not one that is back already, or that serves somebody again.
 * @param before null: it was no member yet
 */
export function isWorse(before: Outcome | null, after: Outcome): boolean {
  if (after.outcome === O.REMOVE) {
    return before?.outcome !== O.REMOVE || (before.license === L.RETURNS && stays(after));
  }
  if (before === null) return false;
  if (before.outcome === O.REMOVE) return true;
  return distance(after) > distance(before);
}

function stays({ license }: Outcome): boolean {
  return license === L.STAYS || license === L.IRREVOCABLE;
}

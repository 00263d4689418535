import { LicenseState } from "../../entities/license.js";
import { TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import type { LicenseUse, ReclaimFacts } from "../../queries/reclaim-facts.js";

/** What comes of taking one licence back. */
export type ReclaimOutcome =
  | "RETURNED"
  | "ENDED"
  | "RETURNING"
  | "MDM_OWNED"
  | "IRREVOCABLE"
  | "NEVER_RECLAIM"
  | "OPERATION_OPEN"
  | "TOKEN_NOT_WRITABLE"
  | "STILL_WANTED";

export interface ReclaimJudgement {
  readonly facts: ReclaimFacts;
  readonly outcome: ReclaimOutcome;
  /** The installations that want it. */
  readonly wantedBy: readonly LicenseUse[];
}

/**
 * Whether a licence can be taken back. What never changes comes before what may pass, so that nobody waits in vain. Pure:
 * a dry run, a list and the real run all ask this.
 * @param evenIfWanted take it from under installations that still want it.
 */
export function judgeReclaim(
  facts: ReclaimFacts,
  { evenIfWanted }: { readonly evenIfWanted: boolean },
): ReclaimJudgement {
  const wantedBy = facts.uses.filter((use) => !use.left);
  const judged = (outcome: ReclaimOutcome) => ({ facts, outcome, wantedBy });
  if (facts.state === LicenseState.ENDED || facts.state === LicenseState.REFUSED) return judged("ENDED");
  if (facts.state === LicenseState.RETURNING) return judged("RETURNING");
  if (facts.authority === TokenAuthority.TARGET) return judged("MDM_OWNED");
  if (!facts.revocable) return judged("IRREVOCABLE");
  if (facts.neverReclaim) return judged("NEVER_RECLAIM");
  if (wantedBy.length > 0 && !evenIfWanted) return judged("STILL_WANTED");
  if (facts.busy) return judged("OPERATION_OPEN");
  if (!WRITABLE_HEALTH.includes(facts.health)) return judged("TOKEN_NOT_WRITABLE");
  return judged("RETURNED");
}

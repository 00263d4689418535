import { DeploymentLicensing } from "../../../entities/deployment.js";
import type { LicensingFacts } from "../licensing-facts.js";

/** When a new licence is claimed: at once, once there is one, or once the person or a return has made way. */
export type NeededWhen = "now" | "missing" | "later";

/** The new licences that members of a plan want: one a holder, however many devices share it (rule 5). */
export class NeededLicenses {
  readonly #ofOthers = new Set<string>();
  readonly #wanted = new Map<string, NeededWhen>();

  /** Somebody ahead claims it: it serves the members, too. */
  claimedAhead(facts: LicensingFacts): void {
    this.#ofOthers.add(holderOf(facts));
  }

  /** @returns whether it is wanted for the first time. */
  add(facts: LicensingFacts, when: NeededWhen): boolean {
    const holder = holderOf(facts);
    if (this.#ofOthers.has(holder) || this.#wanted.has(holder)) return false;
    this.#wanted.set(holder, when);
    return true;
  }

  count(when?: NeededWhen): number {
    if (when === undefined) return this.#wanted.size;
    return [...this.#wanted.values()].filter((value) => value === when).length;
  }
}

function holderOf({ licensing, userId, deviceId }: LicensingFacts): string {
  return licensing === DeploymentLicensing.USER ? `user ${userId}` : `device ${deviceId}`;
}

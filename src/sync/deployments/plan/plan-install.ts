import { PlannedLicense as L, PlanOutcome as O } from "../../../entities/deployment-plan-member.js";
import {
  type InstallationReason,
  InstallationReason as R,
  InstallationState as S,
} from "../../../entities/installation.js";
import type { LicensingDecision } from "../decide-licensing.js";
import type { LicensingFacts } from "../licensing-facts.js";
import type { NeededLicenses } from "./needed-licenses.js";
import type { PlannedMember, StagedMember } from "./planned-member.js";

/** What licensing knows of a member, and whether another deployment has the app on its device. */
export interface MemberFacts extends LicensingFacts {
  readonly position: number;
  readonly alreadyThere: boolean;
}

/** What the decision about a member that needs a licence means for it. */
export function planInstall(facts: MemberFacts, decision: LicensingDecision, needed: NeededLicenses): PlannedMember {
  const installed = facts.alreadyThere ? O.ALREADY_THERE : O.INSTALL;
  switch (decision.kind) {
    case "join":
      return member(facts, installed, { license: L.JOINED, licenseId: decision.licenseId });
    case "claim":
      return member(facts, installed, { license: needed.add(facts, "now") ? L.NEW : L.JOINED });
    case "later":
      return member(facts, installed, { license: L.JOINED });
    case "register":
      needed.add(facts, "later");
      return member(facts, O.WAITS_FOR_USER, { reason: R.REGISTRATION_OPEN });
    case "wait":
      if (decision.reason === R.OUT_OF_STOCK) needed.add(facts, "missing");
      else if (facts.openLicenseId === null || decision.reason === R.LICENSE_RETURNING) needed.add(facts, "later");
      return member(facts, decision.state === S.WAITING_FOR_USER ? O.WAITS_FOR_USER : O.WAITS_FOR_LICENSE, decision);
    case "refuse":
      return member(facts, outcomeOf(decision.reason), decision);
  }
}

/** A member whose installation begins, and stays, where no licence is needed. */
export function planWithoutLicense(staged: StagedMember): PlannedMember {
  const outcome = staged.state === S.NO_DEVICE ? O.NO_DEVICE : outcomeOf(staged.reason);
  return member(staged, outcome, { reason: staged.reason });
}

function outcomeOf(reason: InstallationReason | null): O {
  return reason === R.NO_USER ? O.NO_USER : O.NOT_APPLICABLE;
}

function member(
  { position, deviceId, userId }: Pick<PlannedMember, "position" | "deviceId" | "userId">,
  outcome: O,
  { reason, license, licenseId }: Partial<Pick<PlannedMember, "reason" | "license" | "licenseId">>,
): PlannedMember {
  return {
    position,
    deviceId,
    userId,
    outcome,
    reason: reason ?? null,
    license: license ?? null,
    licenseId: licenseId ?? null,
  };
}

import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../../entities/installation.js";
import { TokenHealthState, WRITABLE_HEALTH } from "../../../entities/token.js";
import type { DriftFacts, DriftInstallation } from "../../../queries/drift/drift-facts.js";

/** What repairing a drift does; NONE: nothing that is safe without a person. */
export type DriftRepair =
  | "READ_AT_APPLE"
  | "LINK_HOLDER"
  | "REQUEST_LICENSE"
  | "RETURN_LICENSE"
  | "ASK_TARGET"
  | "NONE";

export interface RepairDecision {
  readonly repair: DriftRepair;
  /** What it brings about, or why nothing is done and who has to do what. */
  readonly why: string;
  /** Those that are requested anew, or of which the target is told again. */
  readonly installations: readonly DriftInstallation[];
}

/** Apple answers nothing to these. */
const UNREADABLE: readonly TokenHealthState[] = [
  TokenHealthState.EXPIRED,
  TokenHealthState.REVOKED,
  TokenHealthState.INVALID,
];

/** What repairing a drift does, or would do. Pure: the list, a dry run and the real run all ask this. */
export function decideRepair(facts: DriftFacts): RepairDecision {
  if (facts.removing) return none(`The token "${facts.token}" is being removed, and this ends with it.`);
  switch (facts.type) {
    case "MISSING_AT_APPLE":
    case "COUNT_MISMATCH":
      return readAtApple(facts);
    case "FOREIGN_HOLDER":
      return linkHolder(facts);
    case "UNKNOWN_HERE":
      return none(
        "Only a person knows what it is for: keep it with assignLicenses or setNeverReclaim, or take it back with reclaimLicenses.",
      );
    case "INSTALLED_WITHOUT_LICENSE":
      return requestLicense(facts);
    case "LICENSED_WITHOUT_INSTALL":
      return facts.installations.length === 0 ? returnLicense(facts) : askTarget(facts);
  }
}

function readAtApple(facts: DriftFacts): RepairDecision {
  if (UNREADABLE.includes(facts.health)) return frozen(facts);
  const then =
    facts.type === "COUNT_MISMATCH"
      ? "either they agree then, or Apple has to be asked why not"
      : "it ends, or is there";
  return does("READ_AT_APPLE", `The token "${facts.token}" is read in full at Apple: ${then}.`);
}

function linkHolder({ holderKey, linkableDeviceId, linkableAppleUserId }: DriftFacts): RepairDecision {
  if (linkableDeviceId !== null || linkableAppleUserId !== null) {
    return does("LINK_HOLDER", `${holderKey} has become known here since: the licence is linked to it.`);
  }
  return none(
    `Find out whose ${holderKey} is: enrol it with a target, protect the licence with setNeverReclaim, or take it back with reclaimLicenses.`,
  );
}

function returnLicense(facts: DriftFacts): RepairDecision {
  if (!WRITABLE_HEALTH.includes(facts.health)) return frozen(facts);
  return does("RETURN_LICENSE", "Nothing here uses it: it is given back at Apple.");
}

function requestLicense(facts: DriftFacts): RepairDecision {
  const [installation] = facts.installations;
  if (!installation) return none("The installation has just moved.");
  const { state, want, left, reason } = installation;
  if (state === S.REMOVING || state === S.REMOVAL_FAILED) return none("The app is being removed from the device.");
  if (left || want === InstallationWant.ABSENT) {
    return none(
      "Nothing wants the app there any more: remove it by a deployment with action UNINSTALL, or deploy it again.",
    );
  }
  if (state === S.WAITING_FOR_LICENSE) {
    return none(
      "It waits for a licence and gets the next one by itself: buy more, or take back some that are not used.",
    );
  }
  if (state === S.WAITING_FOR_USER) return none("The person has to accept Apple's invitation first.");
  if (state === S.REQUESTED) return none("It is about to be licensed by itself, once its token may write.");
  const refused = reason === R.REFUSED_BY_APPLE || state === S.NOT_APPLICABLE;
  if (refused) return none(installation.remedy ?? "Mend the reason that the installation gives, then retry it.");
  if (!WRITABLE_HEALTH.includes(facts.health)) return frozen(facts);
  if (state !== S.FAILED && state !== S.INSTALLED) return none(`The installation is on its way (${state}).`);
  return does("REQUEST_LICENSE", "The installation is requested anew and claims a licence.", [installation]);
}

function askTarget({ installations }: DriftFacts): RepairDecision {
  const wanting = installations.filter(({ left, want }) => !left && want === InstallationWant.PRESENT);
  const askable = wanting.filter((installation) => whyNotAsk(installation) === null);
  if (askable.length > 0) {
    const where = askable.map(({ target, device }) => `${target} about ${device}`).join(", ");
    return does("ASK_TARGET", `Told again to install the app: ${where}.`, askable);
  }
  return none(wanting.map(whyNotAsk).find((why) => why !== null) ?? "The installation has just moved.");
}

/** Why the target is not told again without a person; null if it is. */
function whyNotAsk({ state, reason, remedy, target, targetPausedUntil }: DriftInstallation): string | null {
  if (state === S.LICENSED) {
    const paused = targetPausedUntil ? ` It is left alone until ${targetPausedUntil.toISOString()}.` : "";
    return `${target} has not taken the order yet, and is told again by itself.${paused} Check the target.`;
  }
  if (reason === R.NEEDS_USER) return remedy ?? "Somebody has to act on the device.";
  if (reason === R.REFUSED_BY_TARGET && remedy !== null) return `${remedy} Then retry the installation.`;
  return null;
}

function frozen({ token, health, healthRemedy }: DriftFacts): RepairDecision {
  return none(`The token "${token}" is ${health}. ${healthRemedy ?? "See its health."}`);
}

function none(why: string): RepairDecision {
  return { repair: "NONE", why, installations: [] };
}

function does(repair: DriftRepair, why: string, installations: readonly DriftInstallation[] = []): RepairDecision {
  return { repair, why, installations };
}

import type { InstallationState } from "../../entities/installation.js";
import { HolderKind } from "../../entities/license.js";
import type { ExplainFacts } from "./explain-facts.js";
import { explainOperation } from "./explain-operation.js";
import { deviceOf, explainReason } from "./explain-reason.js";
import { explainHandOver, explainHindrance, explainTarget } from "./explain-target.js";
import { explainFreeze, explainToken, isFrozen } from "./explain-token.js";
import { explainWish } from "./explain-wish.js";
import { type Link, moment, NOTHING } from "./link.js";

/**
 * Why an app is, or is not, on a device: from the wish down to what the device has shown. Each link follows from the one
 * before; the last one says where it stands. Pure.
 */
export function explainInstallation(facts: ExplainFacts): Link[] {
  return [...explainWish(facts), ...formerLicense(facts), ...STATES[facts.installation.state](facts)];
}

const STATES: Readonly<Record<InstallationState, (facts: ExplainFacts) => Link[]>> = {
  REQUESTED: (facts) => [...explainReason(facts), licensing(facts), ...explainToken(facts)],
  WAITING_FOR_LICENSE: (facts) => [...explainToken(facts), ...explainReason(facts)],
  WAITING_FOR_USER: (facts) => [...explainToken(facts), ...explainReason(facts)],
  NO_DEVICE: (facts) => [
    at(facts, {
      cause: "NO_DEVICE",
      evidence: `${facts.user?.displayName ?? facts.user?.principalName ?? "The person"} has no managed device at ${facts.target.name}.`,
      nextAction: "Enrol a device for the person at the MDM, and import holders.",
      whoHasToAct: "ADMIN",
    }),
  ],
  NOT_APPLICABLE: (facts) => explainReason(facts),
  CLAIMING: (facts) => [licensing(facts), ...explainOperation(facts), ...explainToken(facts)],
  LICENSED: (facts) => [
    ...licensed(facts),
    explainHandOver(facts),
    ...explainTarget(facts),
    ...explainHindrance(facts),
  ],
  INSTALLING: (facts) => [...licensed(facts), explainHandOver(facts), ...explainTarget(facts), ...explainReason(facts)],
  INSTALLED: (facts) => [...licensed(facts), installed(facts)],
  FAILED: (facts) => [...licensed(facts), ...explainReason(facts), ...explainTarget(facts)],
  REMOVING: (facts) => [
    beingRemoved(facts),
    explainHandOver(facts),
    ...explainTarget(facts),
    ...explainReason(facts),
    ...explainFreeze(facts),
  ],
  REMOVAL_FAILED: (facts) => [
    at(facts, {
      cause: "REMOVAL_FAILED",
      evidence: `${facts.target.name} could not remove the app from ${deviceOf(facts)}; its licence is kept.`,
      nextAction: isFrozen(facts)
        ? "It is tried again by itself once the token may write."
        : "It is tried again daily; retryInstallation tries it at once.",
      whoHasToAct: "TARGET",
    }),
    ...explainTarget(facts),
    ...explainReason(facts),
    ...explainFreeze(facts),
  ],
  RETURNING: (facts) => [
    at(facts, {
      cause: "LICENSE_RETURNING",
      evidence: "The app is gone, or no longer counted on; its licence is being returned at Apple.",
      nextAction: "It ends by itself when Apple has taken the licence back.",
      whoHasToAct: "APPLE",
    }),
    ...explainReason(facts),
    ...explainOperation(facts),
    ...explainFreeze(facts),
  ],
  REMOVED: (facts) => [
    ...explainReason(facts),
    at(facts, {
      cause: "REMOVED",
      evidence: `Over since ${moment(facts.installation.stateAt)}: this installation uses no licence.`,
      nextAction: NOTHING,
      whoHasToAct: "NOBODY",
    }),
  ],
  SUPERSEDED: (facts) => [
    ...explainReason(facts),
    at(facts, {
      cause: "SUPERSEDED",
      evidence: "Another installation has taken over.",
      nextAction: "See the other installations of the app on this device, or of this person.",
      whoHasToAct: "NOBODY",
    }),
  ],
  CANCELLED: (facts) => [
    ...explainReason(facts),
    at(facts, {
      cause: "CANCELLED",
      evidence:
        "It was no longer wanted while it had no licence; an app that is on the device all the same is left alone.",
      nextAction: NOTHING,
      whoHasToAct: "NOBODY",
    }),
  ],
};

function at({ installation }: ExplainFacts, link: Omit<Link, "since">): Link {
  return { ...link, since: installation.stateAt };
}

function licensing(facts: ExplainFacts): Link {
  const { license } = facts;
  return at(facts, {
    cause: "LICENSING",
    evidence:
      license === null
        ? "It is about to join or claim a licence."
        : `A licence for ${license.holderKey} is set aside since ${moment(license.startedAt)}, and Apple is asked for it.`,
    nextAction: "It goes on by itself.",
    whoHasToAct: "ALLOTMENT",
  });
}

function formerLicense({ formerLicense: former, installation, user }: ExplainFacts): Link[] {
  if (former === null) return [];
  const isOwn = former.holderKind === HolderKind.DEVICE;
  return [
    {
      cause: "FORMER_LICENSE",
      evidence: isOwn
        ? `Another deployment has left the app on the device by the licence of ${former.holderKey}.`
        : `The device has changed hands and goes on with the licence of ${former.holderKey}, its former user's.`,
      nextAction: isOwn
        ? "This deployment goes on with it by itself."
        : `It is given back by itself once ${user?.displayName ?? user?.principalName ?? "the present user"} has one.`,
      whoHasToAct: "ALLOTMENT",
      since: installation.stateAt,
    },
  ];
}

function licensed({ license }: ExplainFacts): Link[] {
  if (license === null) return [];
  const { assignedAt, holderKey, startedAt } = license;
  return [
    {
      cause: "LICENSED",
      evidence: `${holderKey} holds a licence${assignedAt === null ? "" : `, confirmed by Apple at ${moment(assignedAt)}`}.`,
      nextAction: NOTHING,
      whoHasToAct: "NOBODY",
      since: assignedAt ?? startedAt,
    },
  ];
}

function installed(facts: ExplainFacts): Link {
  const { observedAt, stateAt } = facts.installation;
  return at(facts, {
    cause: "INSTALLED",
    evidence: `${facts.target.name} saw the app on ${deviceOf(facts)}, at ${moment(observedAt ?? stateAt)}.`,
    nextAction: NOTHING,
    whoHasToAct: "NOBODY",
  });
}

function beingRemoved(facts: ExplainFacts): Link {
  return at(facts, {
    cause: "BEING_REMOVED",
    evidence: `The app is being removed from ${deviceOf(facts)}; its licence returns once the device has confirmed that.`,
    nextAction: "It goes on by itself.",
    whoHasToAct: "TARGET",
  });
}

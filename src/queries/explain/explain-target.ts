import { apnsFinding } from "../../entities/apns-finding.js";
import { InstallationState } from "../../entities/installation.js";
import type { ExplainFacts } from "./explain-facts.js";
import { deviceOf } from "./explain-reason.js";
import { explainFreeze, isFrozen } from "./explain-token.js";
import { type Link, moment, sentence } from "./link.js";

/** What of the target, or of the app there, keeps it from acting; nothing when nothing does. */
export function explainTarget({ target, application, now }: ExplainFacts): Link[] {
  const links: Link[] = [];
  const finding = apnsFinding(target, now);
  if (finding?.severity === "error") {
    links.push({
      cause: "APNS_NOT_VALID",
      evidence: finding.message,
      nextAction: finding.remedy ?? "Call checkTarget.",
      whoHasToAct: "ADMIN",
      since: target.apnsExpiresAt ?? target.checkedAt,
    });
  }
  if (target.pausedUntil !== null && target.pausedUntil > now) links.push(leftAlone(target, target.pausedUntil));
  if (application !== null && application.readyAt === null) {
    const error = application.lastError === null ? "" : ` It said: ${sentence(application.lastError)}`;
    links.push({
      cause: "APPLICATION_NOT_READY",
      evidence: `The app does not stand ready at ${target.name} yet, asked for at ${moment(application.createdAt)}.${error}`,
      nextAction:
        application.lastError === null
          ? "It is made by itself."
          : "Mend what the target says, then call checkTarget; it is also tried again by itself.",
      whoHasToAct: application.lastError === null ? "TARGET" : "ADMIN",
      since: application.createdAt,
    });
  }
  return links;
}

function leftAlone({ name, failures, lastError, openedAt }: ExplainFacts["target"], until: Date): Link {
  const calls = failures === 1 ? "The last call" : `The last ${failures} calls`;
  return {
    cause: "TARGET_PAUSED",
    evidence: `${calls} to ${name} failed: ${sentence(lastError ?? "nothing is known of why")} It is left alone until ${moment(until)}.`,
    nextAction: "It is tried again by itself then; checkTarget tries it at once, and ends the pause if it works.",
    whoHasToAct: "TARGET",
    since: openedAt,
  };
}

/** What the target was told, and what it reports. */
export function explainHandOver(facts: ExplainFacts): Link {
  const { installation, target, device } = facts;
  const { handle, stateAt, observedState, observedAt, detail } = installation;
  if (handle === null) {
    const deferred = detail === null ? "" : ` It said: ${sentence(detail)}`;
    return {
      cause: "NOT_HANDED_OVER",
      evidence: `${target.name} has not taken the order yet.${deferred}${deadline(facts)}`,
      nextAction: `It is told${whenTold(facts)} by itself.`,
      whoHasToAct: "ALLOTMENT",
      since: stateAt,
    };
  }
  const seen =
    observedState === null || observedAt === null
      ? "has reported nothing yet"
      : `last reported "${observedState}" at ${moment(observedAt)}`;
  const heard = device?.lastSeenAt ? ` It last heard from the device at ${moment(device.lastSeenAt)}.` : "";
  return {
    cause: "HANDED_OVER",
    evidence: `${target.name} has the order since ${moment(stateAt)} and ${seen}.${heard}${deadline(facts)}`,
    nextAction: `Switch the device on and connect it; the target is asked again${nextLook(facts)}.`,
    whoHasToAct: "TARGET",
    since: stateAt,
  };
}

/** None runs while the token may not write. */
function deadline(facts: ExplainFacts): string {
  const { deadlineAt } = facts.installation;
  return deadlineAt === null || isFrozen(facts) ? "" : ` It has until ${moment(deadlineAt)}.`;
}

function whenTold(facts: ExplainFacts): string {
  if (facts.hinderedBy !== null) return ", once the removal under way is over,";
  if (facts.installation.state === InstallationState.REMOVING && isFrozen(facts)) {
    return ", once the token may write,";
  }
  return nextLook(facts);
}

/** What is due already waits for something else. */
function nextLook({ installation: { nextLookAt }, now }: ExplainFacts): string {
  return nextLookAt === null || nextLookAt <= now ? "" : ` at ${moment(nextLookAt)}`;
}

/** The removal that an install waits for; nothing where it waits for none. */
export function explainHindrance(facts: ExplainFacts): Link[] {
  const { hinderedBy } = facts;
  if (hinderedBy === null) return [];
  const { collection, since, deadlineAt } = hinderedBy;
  const latest = deadlineAt === null || isFrozen(facts) ? "" : `, or at ${moment(deadlineAt)} at the latest`;
  return [
    {
      cause: "BEING_REMOVED",
      evidence: `Another deployment${collection === null ? "" : `, to "${collection}",`} has been removing the app from ${deviceOf(facts)} since ${moment(since)}: an install waits for that.`,
      nextAction: `The install goes on by itself when the device has confirmed the removal${latest}.`,
      whoHasToAct: "TARGET",
      since,
    },
    ...explainFreeze(facts),
  ];
}

import { apnsFinding } from "../../entities/apns-finding.js";
import type { ExplainFacts } from "./explain-facts.js";
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
export function explainHandOver({ installation, target, device }: ExplainFacts): Link {
  const { handle, stateAt, nextLookAt, deadlineAt, observedState, observedAt, detail } = installation;
  const until = deadlineAt === null ? "" : ` It has until ${moment(deadlineAt)}.`;
  if (handle === null) {
    const deferred = detail === null ? "" : ` It said: ${sentence(detail)}`;
    return {
      cause: "NOT_HANDED_OVER",
      evidence: `${target.name} has not taken the order yet.${deferred}${until}`,
      nextAction: `It is told${nextLookAt === null ? "" : ` at ${moment(nextLookAt)}`} by itself.`,
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
    evidence: `${target.name} has the order since ${moment(stateAt)} and ${seen}.${heard}${until}`,
    nextAction: `Switch the device on and connect it; the target is asked again${nextLookAt === null ? "" : ` at ${moment(nextLookAt)}`}.`,
    whoHasToAct: "TARGET",
    since: stateAt,
  };
}

import { type InstallationReason, InstallationState, InstallationWant } from "../../entities/installation.js";
import type { ExplainFacts } from "./explain-facts.js";
import { explainOperation } from "./explain-operation.js";
import { explainStock } from "./explain-stock.js";
import { type ExplanationCause, type Link, moment, NOTHING, sentence, type WhoHasToAct } from "./link.js";

/** Why an installation is where it is, by the reason that it gives; nothing where it gives none. */
export function explainReason(facts: ExplainFacts): Link[] {
  const { reason } = facts.installation;
  return reason === null ? [] : REASONS[reason](facts);
}

/** The device, as people know it. */
export function deviceOf({ device }: Pick<ExplainFacts, "device">): string {
  const name = device?.serial ?? device?.name;
  return name ? `the device ${name}` : "the device";
}

function personOf({ user }: ExplainFacts): string {
  return user?.displayName ?? user?.principalName ?? "the person";
}

const FIND_OUT = "Find out who writes to this location at Apple.";

const GOES_ON = { nextAction: "It goes on by itself.", whoHasToAct: "ALLOTMENT" } as const;

const UNWANTED = {
  nextAction: "Nothing is to be done: its deployment does not want the app there any more.",
  whoHasToAct: "NOBODY",
} as const;

const REASONS: Readonly<Record<InstallationReason, (facts: ExplainFacts) => Link[]>> = {
  NO_USER: (facts) => [
    link(facts, "NO_USER", "ADMIN", {
      evidence: `Its target names no user of ${deviceOf(facts)}, and the deployment uses users' licences.`,
      nextAction: "Assign the device to a person at the MDM and import holders, or deploy with device licensing.",
    }),
  ],
  DEVICE_LIMIT: (facts) => [
    link(facts, "DEVICE_LIMIT", "ADMIN", {
      evidence: `The licence of ${personOf(facts)} serves five devices already, as many as Apple allows.`,
      nextAction: "Use device licensing for this device, or take the app from another one: then it goes on by itself.",
    }),
  ],
  UNKNOWN_AT_TARGET: (facts) => [
    link(facts, "UNKNOWN_AT_TARGET", "ADMIN", {
      evidence: `${facts.target.name} does not know ${deviceOf(facts)}.`,
      nextAction: "Enrol it there and import holders, or deploy through the target that knows it.",
    }),
  ],
  NO_SERIAL: (facts) => [
    link(facts, "NO_SERIAL", "ADMIN", {
      evidence: `The serial number of ${deviceOf(facts)} is not known, and a device licence is held by it.`,
      nextAction: "Have the MDM report it and import holders, or deploy with user licensing.",
    }),
  ],
  DEVICE_GONE: (facts) => [
    link(facts, "DEVICE_GONE", "ADMIN", {
      evidence: `Its target says that ${deviceOf(facts)} was wiped, retired or deleted${facts.device ? `: it is ${facts.device.state}` : ""}.`,
      nextAction: "Enrol it again, and it gets the app as before.",
    }),
  ],
  PLATFORM_UNSUPPORTED: (facts) => [
    link(facts, "PLATFORM_UNSUPPORTED", "ADMIN", {
      evidence: `The app runs on ${facts.app.platforms.join(", ")}, and ${deviceOf(facts)} is ${facts.device?.platform ?? "something else"}.`,
      nextAction: "Take the device out of the collection, or deploy an app that it can run.",
    }),
  ],
  OUT_OF_STOCK: (facts) => explainStock(facts),
  LICENSE_RETURNING: (facts) => [
    link(facts, "LICENSE_RETURNING", "APPLE", {
      evidence: `The holder's last licence${facts.license === null ? "" : ` (${facts.license.holderKey})`} is still on its way back to Apple.`,
      nextAction: "It claims anew by itself when that has ended.",
    }),
    ...explainOperation(facts),
  ],
  REGISTRATION_OPEN: (facts) => [
    link(facts, "REGISTRATION_OPEN", "APPLE", {
      evidence: `${capital(personOf(facts))} is being registered with Apple.`,
      nextAction: "It goes on by itself when Apple has answered.",
    }),
    ...explainOperation(facts),
  ],
  INVITATION_OPEN: (facts) => [invitation(facts)],
  REGISTRATION_REFUSED: (facts) => [
    mendedByRetry(facts, "REGISTRATION_REFUSED", {
      evidence: `Apple has not registered ${personOf(facts)}${facts.registration?.email ? ` with the address ${facts.registration.email}` : ""}.`,
      nextAction: "Mend the person's account, then retry the installation.",
    }),
  ],
  REFUSED_BY_APPLE: (facts) => [
    mendedByRetry(facts, "REFUSED_BY_APPLE", {
      evidence: "Apple refused the licence.",
      nextAction: "Mend what Apple says, then retry the installation.",
    }),
  ],
  TOKEN_NOT_WRITABLE: (facts) => [
    link(facts, "TOKEN_FROZEN", "ADMIN", {
      evidence: `The token "${facts.token.name}" could not write.`,
      nextAction: "See the token's health.",
    }),
  ],
  REFUSED_BY_TARGET: (facts) => [
    mendedByRetry(facts, "REFUSED_BY_TARGET", {
      evidence: `${facts.target.name} refused.`,
      nextAction: "Mend what the target says, then retry the installation.",
    }),
  ],
  NEEDS_USER: (facts) => [
    link(facts, "NEEDS_USER", "PERSON", {
      evidence: `Somebody has to act on ${deviceOf(facts)}.`,
      nextAction: "Unlock the device and confirm what it asks.",
    }),
  ],
  TIMED_OUT: (facts) => [
    mendedByRetry(facts, "TIMED_OUT", {
      evidence: `${facts.target.name} has not reported the outcome in time${lastReport(facts)}.`,
      nextAction: "Check the device, then retry the installation.",
    }),
  ],
  SERVED_BY_OTHER_TOKEN: (facts) => [
    link(facts, "SERVED_BY_OTHER_TOKEN", "NOBODY", {
      evidence: `${capital(deviceOf(facts))} has the app already, or could have it, by a licence of ${facts.otherToken === null ? "another token" : `the token "${facts.otherToken}"`}.`,
      nextAction: "One is enough. When that licence has been taken back, this one goes on by itself.",
    }),
  ],
  LICENSE_LOST: (facts) => [
    mendedByRetry(
      facts,
      "LICENSE_LOST",
      {
        evidence: "Somebody else took its licence away at Apple: without one the app stops working within 30 days.",
        nextAction: `Retry the installation, which claims another one. ${FIND_OUT}`,
      },
      { nextAction: `${isWanted(facts) ? "It claims another one by itself. " : ""}${FIND_OUT}`, whoHasToAct: "ADMIN" },
    ),
  ],
  IRREVOCABLE: (facts) => [
    link(facts, "IRREVOCABLE", "NOBODY", {
      evidence: "The app is gone, and its licence stays with the holder: Apple takes none of this app back.",
      nextAction: NOTHING,
    }),
  ],
  USER_LEFT: (facts) => [
    link(facts, "USER_LEFT", "ADMIN", {
      evidence: `No target knows ${personOf(facts)} any more${facts.user?.leftAt ? `, since ${moment(facts.user.leftAt)}` : ""}.`,
      nextAction: "Assign the device to a person who is there, or deploy with device licensing.",
    }),
  ],
  KEPT_BY_INSTALL: (facts) => [
    link(facts, "CONFLICT", "ADMIN", {
      evidence: `Another deployment${facts.keptBy === null ? "" : `, to "${facts.keptBy}",`} wants the app on ${deviceOf(facts)}, and an install beats an uninstall.`,
      nextAction: "Take the device out of one of the two collections.",
    }),
  ],
  RECLAIMED: (facts) => [
    mendedByRetry(facts, "RECLAIMED", {
      evidence: "Its licence was taken back, when it left or by an admin: the app stops working within 30 days.",
      nextAction: "Retry the installation if the app is still wanted there.",
    }),
  ],
  LICENSE_KEPT: (facts) => [
    link(facts, "LICENSE_KEPT", "NOBODY", {
      evidence: "The app is gone, and its licence stays with the holder: an admin has given or protects it.",
      nextAction: NOTHING,
    }),
  ],
  OPERATION_ABANDONED: (facts) => [
    mendedByRetry(
      facts,
      "OPERATION_ABANDONED",
      {
        evidence: "An admin gave up what was asked of Apple for it.",
        nextAction: "Retry the installation if the app is still wanted.",
      },
      {
        nextAction: "See leakedLicenses, and take back with reclaimLicenses what is still held.",
        whoHasToAct: "ADMIN",
      },
    ),
  ],
};

function isWanted({ installation: { want, leftAt } }: ExplainFacts): boolean {
  return want === InstallationWant.PRESENT && leftAt === null;
}

/** Whether `retryInstallation` would try it again; it refuses what is not wanted there, is under way, or over. */
function mayRetry(facts: ExplainFacts): boolean {
  const { want, state } = facts.installation;
  if (want === InstallationWant.ABSENT) return state === InstallationState.REMOVAL_FAILED;
  if (!isWanted(facts)) return false;
  return state === InstallationState.FAILED || (state === InstallationState.NOT_APPLICABLE && facts.device !== null);
}

/** What an admin mends and then retries; where a retry is refused, nobody is told to. */
function mendedByRetry(
  facts: ExplainFacts,
  cause: ExplanationCause,
  words: { readonly evidence: string; readonly nextAction: string },
  otherwise: Pick<Link, "nextAction" | "whoHasToAct"> = isWanted(facts) ? GOES_ON : UNWANTED,
): Link {
  const told = link(facts, cause, "ADMIN", words);
  return mayRetry(facts) ? told : { ...told, ...otherwise };
}

/** Its own words come after ours, and its own remedy before. */
function link(
  { installation: { stateAt, detail, remedy } }: ExplainFacts,
  cause: ExplanationCause,
  whoHasToAct: WhoHasToAct,
  { evidence, nextAction }: { readonly evidence: string; readonly nextAction: string },
): Link {
  return {
    cause,
    evidence: detail === null ? evidence : `${evidence} ${sentence(detail)}`,
    nextAction: remedy === null ? nextAction : sentence(remedy),
    whoHasToAct,
    since: stateAt,
  };
}

function invitation(facts: ExplainFacts): Link {
  const { registration } = facts;
  return {
    ...link(facts, "INVITATION_OPEN", "PERSON", {
      evidence: `${capital(personOf(facts))} has not accepted Apple's invitation${registration?.email ? `, sent to ${registration.email}` : ""}; no licence is held meanwhile.`,
      nextAction: "",
    }),
    // Not the link itself: whoever opens it links their own Apple Account, and explanations are for everybody.
    nextAction: "Open the invitation link and sign in with the Apple Account; operators read it as `invitationUrl`.",
    since: registration?.addedAt ?? facts.installation.stateAt,
  };
}

function lastReport(facts: ExplainFacts): string {
  const { observedState, observedAt } = facts.installation;
  return observedState === null || observedAt === null
    ? " and nothing before"
    : `; it last reported "${observedState}" at ${moment(observedAt)}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

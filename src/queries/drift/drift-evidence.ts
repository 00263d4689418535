import { LicenseCause } from "../../entities/license.js";
import { UNLIMITED } from "../../entities/store-app.js";
import type { DriftFacts, DriftInstallation } from "./drift-facts.js";

/** Who says something. */
export type DriftSide = "APPLE" | "ALLOTMENT" | "MDM";

export interface DriftEvidence {
  readonly side: DriftSide;
  readonly says: string;
  /** When that was so; null when nobody knows. */
  readonly at: Date | null;
}

/** What each side says of a drift, Apple first. Pure. */
export function driftEvidence(facts: DriftFacts): DriftEvidence[] {
  return [...EVIDENCE[facts.type](facts), ...facts.installations.map(installationSays)];
}

/** Since when it is known; null when nobody knows. Pure. */
export function driftSince(facts: DriftFacts): Date | null {
  const { type, missedAt, abandonedAt, startedAt, alertRaisedAt, installations } = facts;
  if (type === "MISSING_AT_APPLE") return missedAt ?? abandonedAt;
  if (type === "UNKNOWN_HERE" || type === "FOREIGN_HOLDER") return startedAt;
  if (type === "COUNT_MISMATCH") return alertRaisedAt;
  const [first] = installations.map(({ stateAt }) => stateAt).sort((one, other) => one.getTime() - other.getTime());
  return first ?? abandonedAt;
}

const EVIDENCE: Readonly<Record<DriftFacts["type"], (facts: DriftFacts) => DriftEvidence[]>> = {
  MISSING_AT_APPLE: (facts) => [
    facts.missedAt === null
      ? {
          side: "APPLE",
          says: `Has not been read in full since the operation on ${holder(facts)}'s licence was given up.`,
          at: facts.lastSyncAt,
        }
      : { side: "APPLE", says: `Did not show ${holder(facts)} as a holder of ${facts.app}.`, at: facts.missedAt },
    facts.missedAt === null
      ? {
          side: "ALLOTMENT",
          says: "An admin gave up its operation without Apple's word: it counts as held.",
          at: facts.abandonedAt,
        }
      : {
          side: "ALLOTMENT",
          says: "Counts it as held: so large a loss is believed only after an equal second reading.",
          at: facts.startedAt,
        },
  ],
  UNKNOWN_HERE: (facts) => [
    shown(facts),
    {
      side: "ALLOTMENT",
      says: "Knows the holder; no installation uses the licence, and no admin has given it.",
      at: null,
    },
  ],
  FOREIGN_HOLDER: (facts) => [
    shown(facts),
    {
      side: "ALLOTMENT",
      says: `No target tells of a ${facts.holderKind === "USER" ? "person" : "device"} that ${holder(facts)} could be.`,
      at: null,
    },
  ],
  COUNT_MISMATCH: (facts) => [
    { side: "APPLE", says: counts(facts), at: facts.countsAt },
    {
      side: "ALLOTMENT",
      says: `${facts.heldCount} holdings of ${facts.app}. ${facts.alertMessage ?? ""}`.trim(),
      at: facts.alertRaisedAt,
    },
  ],
  INSTALLED_WITHOUT_LICENSE: (facts) => [
    { side: "APPLE", says: `Shows no licence of ${facts.app} for the device or its user.`, at: facts.lastSyncAt },
  ],
  LICENSED_WITHOUT_INSTALL: (facts) => [
    facts.abandonedAt === null
      ? shown(facts)
      : {
          side: "APPLE",
          says: `May hold a licence of ${facts.app} for ${holder(facts)}: an admin gave up its operation.`,
          at: facts.abandonedAt,
        },
    ...(facts.installations.length === 0
      ? [
          {
            side: "ALLOTMENT" as const,
            says: "No installation uses the licence any more, and it was not given back.",
            at: null,
          },
        ]
      : []),
  ],
};

function shown(facts: DriftFacts): DriftEvidence {
  const found = {
    SYNC: "It was there at the first synchronisation",
    EXTERNAL: "Somebody else has given it there",
    DEPLOYMENT: "A deployment has claimed it",
    MANUAL: "An admin has given it",
  }[facts.startCause ?? LicenseCause.EXTERNAL];
  return { side: "APPLE", says: `Shows ${holder(facts)} as a holder of ${facts.app}. ${found}.`, at: facts.lastSyncAt };
}

function installationSays(installation: DriftInstallation): DriftEvidence {
  const { target, device, state, reason, detail, observedState, observedAt, stateAt } = installation;
  const seen = observedState === null ? "has said nothing of" : `last saw "${observedState}" of`;
  const why = [reason, detail].filter((part) => part !== null).join(": ");
  return {
    side: "MDM",
    says: `${target} ${seen} the app on ${device ?? "no device"}; the installation is ${state}${why && ` (${why})`}.`,
    at: observedAt ?? stateAt,
  };
}

function counts({ totalCount, assignedCount, availableCount, retiredCount }: DriftFacts): string {
  const bought = totalCount === UNLIMITED ? "unlimited" : `${totalCount} bought`;
  return `${bought}, ${assignedCount} in use, ${availableCount} available, ${retiredCount} retired.`;
}

function holder({ holderKind, holderKey }: DriftFacts): string {
  return `${holderKind === "USER" ? "client user id" : "serial number"} ${holderKey}`;
}

import { type Link, moment } from "./link.js";

/** What is to be known where no installation of an app is on a device, or of a person. */
export interface AbsenceFacts {
  /** As it was asked for: a serial number, or the person. */
  readonly whom: string;
  /** Whether a target has told of it. */
  readonly isKnown: boolean;
  readonly app: string;
  /** The living deployments that bring the app to somebody. */
  readonly deployments: readonly { readonly collection: string; readonly target: string; readonly createdAt: Date }[];
  /** The first of these collections that has it as a member already; null when none has. */
  readonly joining: string | null;
}

/** Why there is nothing of an app on a device or of a person. Pure. */
export function explainAbsence(facts: AbsenceFacts): Link[] {
  const { whom, app, deployments } = facts;
  if (!facts.isKnown) {
    return [
      {
        cause: "UNKNOWN_DEVICE",
        evidence: `No target tells of ${whom}.`,
        nextAction: "Check the spelling; enrol it at the MDM, and call importHolders.",
        whoHasToAct: "ADMIN",
        since: null,
      },
    ];
  }
  const [first] = deployments;
  if (!first) {
    return [
      {
        cause: "NOT_DEPLOYED",
        evidence: `No deployment brings ${app} to anybody.`,
        nextAction: "Call createDeployment.",
        whoHasToAct: "ADMIN",
        since: null,
      },
    ];
  }
  if (facts.joining !== null) {
    return [
      {
        cause: "JOINING",
        evidence: `${whom} belongs to "${facts.joining}", to which ${app} is deployed, and its installation is being made.`,
        nextAction: "It goes on by itself.",
        whoHasToAct: "ALLOTMENT",
        since: null,
      },
    ];
  }
  const named = deployments.map(({ collection, target }) => `"${collection}" through ${target}`).join(", ");
  return [
    {
      cause: "NOT_A_MEMBER",
      evidence: `${app} is deployed to ${named}, first at ${moment(first.createdAt)}, and ${whom} belongs to none of these.`,
      nextAction: "Add it to one of these collections, or deploy the app to one of its own.",
      whoHasToAct: "ADMIN",
      since: null,
    },
  ];
}

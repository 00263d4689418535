import { AppleOperationState, USUAL_ATTEMPTS } from "../../entities/apple-operation.js";
import type { ExplainFacts } from "./explain-facts.js";
import { type Link, moment, sentence } from "./link.js";

type Operation = NonNullable<ExplainFacts["operation"]>;

/** What is being asked of Apple, and how far that has come; nothing when nothing is. */
export function explainOperation({ operation }: ExplainFacts): Link[] {
  return operation === null ? [] : [BY_STATE[operation.state](operation)];
}

const WAIT = "It goes on by itself; retryAppleOperation hurries it.";

const BY_STATE: Readonly<Record<AppleOperationState, (operation: Operation) => Link>> = {
  PENDING: (operation) =>
    operation.lastError === null ? underWay(operation, "is about to be sent") : failing(operation),
  SENDING: (operation) => underWay(operation, "is being sent"),
  SENT: (operation) => underWay(operation, `is with Apple as event ${operation.eventId}`),
  UNKNOWN: (operation) => ({
    ...underWay(operation, "has an outcome that is not known; it is looked up at Apple"),
    whoHasToAct: "ALLOTMENT",
  }),
  PAUSED: (operation) => ({
    cause: "OPERATION_PAUSED",
    evidence: said(operation, "is paused, since the token may not write"),
    nextAction: "It is looked up and goes on by itself once the token may write.",
    whoHasToAct: "ADMIN",
    since: operation.createdAt,
  }),
  DONE: (operation) => ({ ...underWay(operation, "is over"), whoHasToAct: "ALLOTMENT" }),
  FAILED: (operation) => failing(operation),
  ABANDONED: (operation) => ({
    cause: "OPERATION_ABANDONED",
    evidence: said(operation, "was given up by an admin"),
    nextAction: "The installation moves on by itself; what may have leaked is among the leakedLicenses.",
    whoHasToAct: "ADMIN",
    since: operation.createdAt,
  }),
};

function underWay(operation: Operation, how: string): Link {
  return {
    cause: "OPERATION_UNDER_WAY",
    evidence: said(operation, how),
    nextAction: WAIT,
    whoHasToAct: operation.state === AppleOperationState.PENDING ? "ALLOTMENT" : "APPLE",
    since: operation.createdAt,
  };
}

/** Tried again by itself, for as long as it has attempts left. */
function failing(operation: Operation): Link {
  const isOver = operation.state === AppleOperationState.FAILED;
  const isSpent = operation.attempts - operation.forgivenAttempts >= USUAL_ATTEMPTS;
  return {
    cause: "OPERATION_FAILING",
    evidence: said(operation, isOver ? "has failed for good" : "fails"),
    nextAction: isOver || isSpent ? "Mend what the error says, then call retryAppleOperation." : WAIT,
    whoHasToAct: isOver || isSpent ? "ADMIN" : "APPLE",
    since: operation.createdAt,
  };
}

function said({ intent, attempts, nextAttemptAt, lastError }: Operation, how: string): string {
  const tried = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const error = lastError === null ? "" : ` Last error: ${sentence(lastError)}`;
  return `The operation ${intent} ${how}, after ${tried}; next looked at ${moment(nextAttemptAt)}.${error}`;
}

import { AppleOperationIntent, USUAL_ATTEMPTS } from "../../entities/apple-operation.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long the sweep leaves an operation alone that is being sent. Real time, above the client's own limit. */
export const SENDING_DEADLINE_MS = 45_000;

/** Apple: wait at least this long between two looks at an event (reference: apple-protocol 3.3). */
export const STATUS_INTERVAL_MS = 30_000;

/** Apple: an event that is PENDING for so long is to be sent again (reference: apple-protocol 3.3); first we look. */
export const EVENT_DEADLINE_MS = 10 * MINUTE;

/** How long to leave an uncertain change alone before Apple is read: it may still be at work on it. */
export const LOOK_UP_DELAY_MS = 15_000;

/** So many operations of a token are worked on side by side: one is settled here while others wait for Apple. */
export const OPERATIONS_AT_ONCE = 3;

/** How long no claim of an app is made after Apple refused one for want of stock. */
export const SHORTAGE_PAUSE_MS = 5 * MINUTE;

/** The pause after the first, second, … attempt, five in 24 hours; after the last one an operation is given up. */
const RETRY_PAUSES_MS = [15_000, 5 * MINUTE, 30 * MINUTE, 4 * HOUR, 12 * HOUR];

/** Apple's number for too few licences. */
export const NOT_ENOUGH_LICENSES = 9709;

export interface Attempted {
  readonly intent: AppleOperationIntent;
  readonly attempts: number;
  /** Those before an admin last had it tried again. */
  readonly forgivenAttempts: number;
}

/** Whether what is left undone is sent again. A licence on its way back is never forgotten. */
export function maySendAgain(operation: Attempted): boolean {
  return operation.intent === AppleOperationIntent.DISASSOCIATE || counted(operation) < USUAL_ATTEMPTS;
}

/** The pause before the next attempt; daily once the usual ones are used up. */
export function retryPauseMs(operation: Attempted): number {
  return RETRY_PAUSES_MS[Math.max(counted(operation) - 1, 0)] ?? 24 * HOUR;
}

function counted({ attempts, forgivenAttempts }: Attempted): number {
  return attempts - forgivenAttempts;
}

import { AppleOperationState } from "../../entities/apple-operation.js";
import type { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { changeOperation } from "./change-operation.js";
import { noteFailures } from "./note-failures.js";
import type { OpenHolder, OperationRecord } from "./operation-record.js";
import { LOOK_UP_DELAY_MS, maySendAgain, retryPauseMs } from "./operation-rules.js";
import { splitOperation } from "./split-operation.js";

/** Apple's numbers for one holder that cannot be served; in a refusal they stop all others of the request, too. */
const ABOUT_ONE_HOLDER: readonly number[] = [9609, 9635, 9641, 9716, 9717];

/** Apple's numbers for more than fits a request: its limits have changed, and are read again before the next attempt. */
const OVER_LIMIT: readonly number[] = [9700, 9701, 9702, 9714];

/** An operation that one of its holders stops goes on in so many parts: three rounds find one of a thousand. */
const PARTS = 10;

/**
 * What follows when Apple refused a request, or its answer was lost. A refusal that started nothing makes the operation
 * PENDING again; one that a single holder has caused splits it, so that the others do not suffer; a final one is noted at
 * every holder and looked up, as is a lost answer.
 */
export async function afterRefusal(
  core: Core,
  sending: OperationRecord,
  holders: readonly OpenHolder[],
  error: AppleError,
): Promise<void> {
  const { errorNumber } = error;
  if (error.kind !== "permanent" || error.maybeDone || errorNumber === null || OVER_LIMIT.includes(errorNumber)) {
    return tryAgain(core, sending, error);
  }
  if (ABOUT_ONE_HOLDER.includes(errorNumber) && holders.length > 1) return splitUp(core, sending, holders, error);
  await noteFailures(core, sending, [{ errorNumber, serialNumbers: [], clientUserIds: [] }]);
  await becomeUnknown(core, sending, error, 0);
}

async function tryAgain(core: Core, sending: OperationRecord, error: AppleError): Promise<void> {
  const startedNothing = !error.maybeDone && (error.kind !== "permanent" || error.errorNumber !== null);
  if (!startedNothing || !maySendAgain(sending)) return becomeUnknown(core, sending, error, LOOK_UP_DELAY_MS);
  await changeOperation(core.dataSource.manager, sending, {
    state: AppleOperationState.PENDING,
    nextAttemptAt: core.clock.in(Math.max(retryPauseMs(sending), error.retryAfterMs ?? 0)),
    lastError: error.message,
  });
}

async function becomeUnknown(core: Core, sending: OperationRecord, error: AppleError, delayMs: number): Promise<void> {
  await changeOperation(core.dataSource.manager, sending, {
    state: AppleOperationState.UNKNOWN,
    nextAttemptAt: core.clock.in(delayMs),
    lastError: error.message,
  });
}

async function splitUp(
  core: Core,
  sending: OperationRecord,
  holders: readonly OpenHolder[],
  error: AppleError,
): Promise<void> {
  const pending = { ...sending, state: AppleOperationState.PENDING };
  const { state } = pending;
  const moved = await changeOperation(core.dataSource.manager, sending, {
    state,
    nextAttemptAt: core.clock.now(),
    lastError: error.message,
  });
  if (!moved) return;
  const size = Math.ceil(holders.length / PARTS);
  for (let start = size; start < holders.length; start += size) {
    await splitOperation(core, pending, holders.slice(start, start + size));
  }
}

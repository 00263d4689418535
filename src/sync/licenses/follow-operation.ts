import { AppleOperationIntent, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import type { AppleAccess, EventFailure } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { changeOperation } from "./change-operation.js";
import { noteFailures } from "./note-failures.js";
import { type OperationRecord, openHolders } from "./operation-record.js";
import { LOOK_UP_DELAY_MS, STATUS_INTERVAL_MS } from "./operation-rules.js";
import { readNewRegistrations } from "./read-registrations.js";
import { settleOperation } from "./settle-operation.js";

/** Apple's number for an event it does not know. */
const UNKNOWN_EVENT = 9708;

/**
 * Looks at the event a SENT operation became. COMPLETE settles every holder; a failed event, a forgotten one, or one that
 * takes too long is looked up instead of believed (rule 2).
 */
export async function followOperation(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  const status = await eventStatus(core, access, operation);
  if (status === null) return becomeUnknown(core, operation, "Apple does not know the event any more");
  if (status.eventStatus === "COMPLETE") return complete(core, access, operation);
  if (status.eventStatus === "FAILED") {
    await noteFailures(core, operation, status.failures);
    return becomeUnknown(core, operation, failureSummary(status.failures), { delayMs: 0 });
  }
  if (operation.deadlineAt && operation.deadlineAt <= core.clock.now()) {
    const { deadlineAt } = operation;
    return becomeUnknown(core, operation, "Apple has not finished the event in time", { delayMs: 0, deadlineAt });
  }
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.SENT,
    nextAttemptAt: core.clock.in(STATUS_INTERVAL_MS),
    ...(operation.deadlineAt ? { deadlineAt: operation.deadlineAt } : {}),
  });
}

/** What Apple says of the event an operation became; null when there is none, or Apple does not know it any more. */
export async function eventStatus(core: Core, access: AppleAccess, operation: OperationRecord) {
  if (operation.eventId === null) return null;
  try {
    return await core.apple.status(access, operation.eventId);
  } catch (error) {
    if (error instanceof AppleError && error.errorNumber === UNKNOWN_EVENT) return null;
    throw error;
  }
}

async function complete(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  const holders = await openHolders(core, operation);
  const isNew = operation.intent === AppleOperationIntent.CREATE_USERS;
  const keys = holders.map((holder) => holder.key);
  const registrations = isNew ? await readNewRegistrations(core, access, keys) : new Map();
  if (isNew && registrations.size < holders.length) {
    return becomeUnknown(core, operation, "Apple does not show every new registration yet");
  }
  await core.dataSource.transaction((tx) =>
    settleOperation(tx, core, operation, {
      outcomes: holders.map((holder) => ({ holder, outcome: HolderOutcome.DONE })),
      registrations,
      provenAt: core.clock.now(),
    }),
  );
}

async function becomeUnknown(
  core: Core,
  operation: OperationRecord,
  why: string,
  { delayMs = LOOK_UP_DELAY_MS, ...kept }: { readonly delayMs?: number; readonly deadlineAt?: Date } = {},
): Promise<void> {
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.UNKNOWN,
    nextAttemptAt: core.clock.in(delayMs),
    lastError: why,
    ...kept,
  });
}

function failureSummary(failures: readonly EventFailure[]): string {
  const numbers = [...new Set(failures.map((failure) => failure.errorNumber))];
  return numbers.length === 0
    ? "Apple says that the event failed"
    : `Apple says that the event failed: ${numbers.join(", ")}`;
}

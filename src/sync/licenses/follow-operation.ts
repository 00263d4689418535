import { AppleOperationIntent, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import { HolderKind } from "../../entities/license.js";
import type { AppleAccess, EventFailure } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { changeOperation } from "./change-operation.js";
import { type OperationRecord, openHolders } from "./operation-record.js";
import { LOOK_UP_DELAY_MS, STATUS_INTERVAL_MS } from "./operation-rules.js";
import { readRegistrations } from "./read-holders.js";
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
    return becomeUnknown(core, operation, failureSummary(status.failures), 0);
  }
  if (operation.deadlineAt && operation.deadlineAt <= core.clock.now()) {
    return becomeUnknown(core, operation, "Apple has not finished the event in time", 0);
  }
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.SENT,
    nextAttemptAt: core.clock.in(STATUS_INTERVAL_MS),
    ...(operation.deadlineAt ? { deadlineAt: operation.deadlineAt } : {}),
  });
}

async function eventStatus(core: Core, access: AppleAccess, operation: OperationRecord) {
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
  const registrations = await readRegistrations(core, access, operation, holders);
  if (operation.intent === AppleOperationIntent.CREATE_USERS && registrations.size < holders.length) {
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
  delayMs = LOOK_UP_DELAY_MS,
): Promise<void> {
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.UNKNOWN,
    nextAttemptAt: core.clock.in(delayMs),
    lastError: why,
  });
}

function failureSummary(failures: readonly EventFailure[]): string {
  const numbers = [...new Set(failures.map((failure) => failure.errorNumber))];
  return numbers.length === 0
    ? "Apple says that the event failed"
    : `Apple says that the event failed: ${numbers.join(", ")}`;
}

/** Keeps what Apple said of single holders until the look-up; one that names nobody speaks of all. */
async function noteFailures(core: Core, operation: OperationRecord, failures: readonly EventFailure[]): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    for (const failure of failures) {
      const named = [
        ...failure.serialNumbers.map((key) => ({ kind: HolderKind.DEVICE, key })),
        ...failure.clientUserIds.map((key) => ({ kind: HolderKind.USER, key })),
      ];
      await tx.query(
        `UPDATE apple_operation_holder holder SET error_number = $3
         WHERE token_id = $1 AND operation_id = $2 AND outcome = '${HolderOutcome.OPEN}'
           AND ($4 OR (holder_kind, holder_key) IN (SELECT * FROM unnest($5::text[], $6::text[])))`,
        [
          operation.tokenId,
          operation.id,
          failure.errorNumber,
          named.length === 0,
          named.map((holder) => holder.kind),
          named.map((holder) => holder.key),
        ],
      );
    }
  });
}

import { AppleOperationState } from "../../entities/apple-operation.js";
import { AppError } from "../../errors.js";
import type { Core, TokenScopedKey } from "../core.js";
import { findOperation, type OperationRecord } from "./operation-record.js";

const OVER: readonly AppleOperationState[] = [
  AppleOperationState.DONE,
  AppleOperationState.FAILED,
  AppleOperationState.ABANDONED,
];

export function isOver({ state }: { readonly state: AppleOperationState }): boolean {
  return OVER.includes(state);
}

/**
 * An operation that is not over, nor being sent at this moment.
 * @throws AppError NOT_FOUND; CONFLICT.
 */
export async function requireOpenOperation(core: Core, key: TokenScopedKey): Promise<OperationRecord> {
  const operation = await requireOperation(core, key);
  const { state } = operation;
  if (isOver(operation)) {
    throw new AppError("CONFLICT", `The operation is over (${state}): nothing of it is left to be given up.`, {
      state,
    });
  }
  refuseSending(core, operation);
  return operation;
}

/** @throws AppError NOT_FOUND. */
async function requireOperation(core: Core, key: TokenScopedKey): Promise<OperationRecord> {
  const operation = await findOperation(core.dataSource, key);
  if (operation) return operation;
  throw new AppError("NOT_FOUND", "There is no such operation. Use an id that `appleOperations` returned.");
}

/** @throws AppError CONFLICT while it is being sent: what comes of that is known within a minute. */
export function refuseSending(
  core: Core,
  { state, deadlineAt }: { readonly state: AppleOperationState; readonly deadlineAt: Date | null },
): void {
  if (state !== AppleOperationState.SENDING || (deadlineAt !== null && deadlineAt <= core.clock.now())) return;
  throw new AppError("CONFLICT", "The operation is being sent to Apple at this moment. Try again in a minute.", {
    state,
  });
}

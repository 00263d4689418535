import { AppleOperationIntent, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { describeErrorNumber } from "../apple/error-numbers.js";
import type { Core } from "../core.js";
import { refreshCounts } from "../tokens/refresh-counts.js";
import { changeOperation } from "./change-operation.js";
import { eventStatus } from "./follow-operation.js";
import { lookAtHolders } from "./look-at-holders.js";
import type { OpenHolder, OperationRecord } from "./operation-record.js";
import { EVENT_DEADLINE_MS, maySendAgain, NOT_ENOUGH_LICENSES, STATUS_INTERVAL_MS } from "./operation-rules.js";
import { type HolderResult, settleOperation } from "./settle-operation.js";

/**
 * Finds out what became of an UNKNOWN operation by reading exactly its holders at Apple (rule 2): what is already so is
 * settled, what Apple refused for good is failed, the rest is sent again. Nothing else releases a claim or fails it. An
 * event that Apple has had no time for yet, since the token was frozen meanwhile, is given it.
 */
export async function lookUpOperation(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  // First of the two: what ends between them would be missed by the one and over for the other, and sent again.
  const atWork = await isAtWork(core, access, operation);
  const { holders, isSo, registrations, provenAt } = await lookAtHolders(core, access, operation);
  const outcomes = holders.map((holder) => judge(operation, holder, isSo(holder)));
  const allDone = outcomes.every((result) => result.outcome === HolderOutcome.DONE);
  if (!allDone && atWork) return followAgain(core, operation);
  if (operation.storeAppId !== null && outcomes.some((result) => result.errorNumber === NOT_ENOUGH_LICENSES)) {
    await refreshCounts(core, access, [operation.storeAppId]);
  }
  await core.dataSource.transaction((tx) =>
    settleOperation(tx, core, operation, { outcomes, registrations, provenAt }),
  );
}

/** An operation that keeps a deadline here is one whose event has used up its time. */
async function isAtWork(core: Core, access: AppleAccess, operation: OperationRecord): Promise<boolean> {
  if (operation.deadlineAt !== null) return false;
  return (await eventStatus(core, access, operation))?.eventStatus === "PENDING";
}

async function followAgain(core: Core, operation: OperationRecord): Promise<void> {
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.SENT,
    nextAttemptAt: core.clock.in(STATUS_INTERVAL_MS),
    deadlineAt: core.clock.in(EVENT_DEADLINE_MS),
  });
}

function judge(operation: OperationRecord, holder: OpenHolder, isSo: boolean): HolderResult {
  if (isSo) return { holder, outcome: HolderOutcome.DONE };
  const refusal = holder.errorNumber === null ? null : describeErrorNumber(holder.errorNumber);
  const final =
    refusal !== null && refusal.kind === "permanent" && operation.intent !== AppleOperationIntent.DISASSOCIATE;
  if (!final && maySendAgain(operation)) return { holder, outcome: HolderOutcome.OPEN };
  return {
    holder,
    outcome: HolderOutcome.FAILED,
    errorNumber: holder.errorNumber,
    detail: refusal?.detail ?? "Apple has not done it in five attempts.",
    remedy: refusal?.remedy ?? "Look at the operation's last error, then retry the installation.",
  };
}

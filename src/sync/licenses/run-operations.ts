import { AppleOperationState } from "../../entities/apple-operation.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { mayWrite } from "../tokens/claim/may-write.js";
import { recordRefusal } from "../tokens/record-refusal.js";
import { refreshCounts } from "../tokens/refresh-counts.js";
import { accessToken } from "../tokens/token-access.js";
import { changeOperation } from "./change-operation.js";
import { followOperation } from "./follow-operation.js";
import { lookUpOperation } from "./look-up-operation.js";
import { nextDueAt, nextDueOperation, type OperationRecord } from "./operation-record.js";
import { LOOK_UP_DELAY_MS, STATUS_INTERVAL_MS } from "./operation-rules.js";
import { sendOperation } from "./send-operation.js";

/**
 * Sends, follows and settles every operation of a token that is due, then plans the next look. A token that may not write
 * is left alone (rule 7): the thaw adds this job again.
 */
export async function runOperations(core: Core, { tokenId }: Jobs["run-operations"]): Promise<void> {
  const access = await accessToken(core, tokenId);
  if (!access) return;
  const apps = new Set<string>();
  while (await isOpen(core, access)) {
    const operation = await nextDueOperation(core, tokenId);
    if (!operation) break;
    const goOn = await advance(core, access, operation);
    if (!goOn) break;
    if (operation.storeAppId !== null) apps.add(operation.storeAppId);
  }
  await showNewCounts(core, access, apps);
  if (!(await isOpen(core, access))) return;
  const at = await nextDueAt(core, tokenId);
  if (at) await core.dataSource.transaction((tx) => addJob(tx, "run-operations", { tokenId }, at));
}

/** What we have changed at Apple shows in its counts at once, not only after the next synchronisation. */
async function showNewCounts(core: Core, access: AppleAccess, apps: ReadonlySet<string>): Promise<void> {
  if (apps.size === 0) return;
  try {
    await refreshCounts(core, access, [...apps]);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    core.log.info({ error: error.message }, "Apple's counts could not be read anew; the next synchronisation will");
  }
}

/** Whether the token may write; when Apple must be asked that and is away, this job comes again. */
async function isOpen(core: Core, access: AppleAccess): Promise<boolean> {
  const { tokenId } = access;
  try {
    return await mayWrite(core, access);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    if ((await recordRefusal(core, access, error)) === "recorded") return false;
    const at = core.clock.in(Math.max(STATUS_INTERVAL_MS, error.retryAfterMs ?? 0));
    await core.dataSource.transaction((tx) => addJob(tx, "run-operations", { tokenId }, at));
    return false;
  }
}

/** @returns false when Apple cannot be asked for anything more just now. */
async function advance(core: Core, access: AppleAccess, operation: OperationRecord): Promise<boolean> {
  try {
    await step(core, access, operation);
    return true;
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    if ((await recordRefusal(core, access, error)) !== "none") return false;
    core.log.warn({ operationId: operation.id, error: error.message }, "Apple could not be asked about an operation");
    await postpone(core, operation, error);
    return false;
  }
}

function step(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  switch (operation.state) {
    case AppleOperationState.PENDING:
      return sendOperation(core, access, operation);
    case AppleOperationState.SENDING:
      return noAnswer(core, operation);
    case AppleOperationState.SENT:
      return followOperation(core, access, operation);
    case AppleOperationState.UNKNOWN:
      return lookUpOperation(core, access, operation);
    default:
      throw new Error(`Operation ${operation.id} is not open: ${operation.state}`);
  }
}

/** The sender has died on the way, or was believed to: its late answer finds the operation moved. */
async function noAnswer(core: Core, operation: OperationRecord): Promise<void> {
  await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.UNKNOWN,
    nextAttemptAt: core.clock.in(LOOK_UP_DELAY_MS),
    lastError: "Apple's answer was lost",
  });
}

/** A look that failed is not an attempt: the same look again, a little later. */
async function postpone(core: Core, operation: OperationRecord, error: AppleError): Promise<void> {
  await changeOperation(core.dataSource.manager, operation, {
    state: operation.state,
    nextAttemptAt: core.clock.in(Math.max(STATUS_INTERVAL_MS, error.retryAfterMs ?? 0)),
    ...(operation.deadlineAt ? { deadlineAt: operation.deadlineAt } : {}),
    lastError: error.message,
  });
}

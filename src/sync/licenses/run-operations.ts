import { AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
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
import { LOOK_UP_DELAY_MS, OPERATIONS_AT_ONCE, STATUS_INTERVAL_MS } from "./operation-rules.js";
import { sendOperation } from "./send-operation.js";

/** What the lanes of one run share. */
interface Run {
  readonly access: AppleAccess;
  /** Operations that a lane makes a step of: no other takes them. */
  readonly inHand: Set<string>;
  /** Apps whose counts at Apple may have changed. */
  readonly apps: Set<string>;
  /** True once no lane is to begin anything more. */
  isOver: boolean;
  /** The end of the last step that reads pages. */
  pagesRead: Promise<unknown>;
}

/**
 * Sends, follows and settles every operation of a token that is due, then plans the next look. A token that may not write
 * is left alone (rule 7): the thaw adds this job again. Some operations are worked on side by side, so that one is settled
 * here while another waits for its turn at Apple; no two of them are about the same holder's licence of an app.
 */
export async function runOperations(core: Core, { tokenId }: Jobs["run-operations"]): Promise<void> {
  const access = await accessToken(core, tokenId);
  if (!access) return;
  const run: Run = { access, inHand: new Set(), apps: new Set(), isOver: false, pagesRead: Promise.resolve() };
  const lanes = await Promise.allSettled(Array.from({ length: OPERATIONS_AT_ONCE }, () => runLane(core, run)));
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
  await showNewCounts(core, access, run.apps);
  if (!(await isOpen(core, access))) return;
  const at = await nextDueAt(core, tokenId);
  if (at) await core.dataSource.transaction((tx) => addJob(tx, "run-operations", { tokenId }, at));
}

/** One step after another, until nothing is due that no other lane has in hand. */
async function runLane(core: Core, run: Run): Promise<void> {
  try {
    while (!run.isOver && (await isOpen(core, run.access))) {
      const operation = await takeDueOperation(core, run);
      if (!operation) return;
      const step = () => advance(core, run.access, operation);
      const goOn = await (readsPages(operation) ? afterOtherPages(run, step) : step()).finally(() =>
        run.inHand.delete(operation.id),
      );
      if (!goOn) break;
      if (operation.storeAppId !== null) run.apps.add(operation.storeAppId);
    }
    run.isOver = true;
  } catch (error) {
    run.isOver = true;
    throw error;
  }
}

/** Whether its next step may read pages of a list. */
function readsPages({ state, intent }: OperationRecord): boolean {
  return state === AppleOperationState.UNKNOWN || intent === AppleOperationIntent.CREATE_USERS;
}

/** One such step at a time, whatever the lanes: a synchronisation reads up to five pages of a list at once beside it. */
function afterOtherPages(run: Run, step: () => Promise<boolean>): Promise<boolean> {
  const mine = run.pagesRead.then(step);
  run.pagesRead = mine.catch(() => undefined);
  return mine;
}

/** Another lane may take the same while the database is asked; one that has been moved on since then is not moved by it. */
async function takeDueOperation(core: Core, { access, inHand }: Run): Promise<OperationRecord | null> {
  for (;;) {
    const operation = await nextDueOperation(core, access.tokenId, [...inHand]);
    if (operation && inHand.has(operation.id)) continue;
    if (operation) inHand.add(operation.id);
    return operation;
  }
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

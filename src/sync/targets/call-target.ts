import { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { closeCircuit } from "./circuit/close-circuit.js";
import { enterCircuit } from "./circuit/enter-circuit.js";
import { recordFailure } from "./circuit/record-failure.js";
import type { Use } from "./live-connection.js";

/**
 * Calls a target, unless its circuit is open. Never inside a transaction (rule 8).
 * @param deadlineMs real milliseconds; `CALL_DEADLINE_MS` unless there is a reason.
 * @param call makes the call, and reads the answer: what it refuses counts as a failure of the target.
 * @throws PluginError and nothing else; `retryAfterMs` says when the next call may be made.
 */
export async function callTarget<T>(core: Core, targetId: string, deadlineMs: number, call: Use<T>): Promise<T> {
  await enterCircuit(core, targetId, deadlineMs);
  return tryTarget(core, targetId, deadlineMs, call);
}

/** The same whether or not its circuit is open: for an admin who wants to know. */
export async function tryTarget<T>(core: Core, targetId: string, deadlineMs: number, call: Use<T>): Promise<T> {
  try {
    const answer = await core.targets.use(targetId, deadlineMs, call);
    await noteSuccess(core, targetId);
    return answer;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    throw await noteFailure(core, targetId, error);
  }
}

async function noteSuccess(core: Core, targetId: string): Promise<void> {
  const failed = await row(core.dataSource, "SELECT FROM target WHERE id = $1 AND failures > 0", [targetId]);
  if (failed) await core.dataSource.transaction((tx) => closeCircuit(tx, core, targetId));
}

/** A no is an answer: the product is there. */
async function noteFailure(core: Core, targetId: string, error: PluginError): Promise<PluginError> {
  if (error.kind === "rejected" && error.options.retryAfterMs === undefined) {
    await noteSuccess(core, targetId);
    return error;
  }
  const until = await core.dataSource.transaction((tx) => recordFailure(tx, core, targetId, error));
  const retryAfterMs = Math.max(0, until.getTime() - core.clock.now().getTime());
  return new PluginError(error.kind, error.message, { ...error.options, retryAfterMs });
}

import type { TargetConnection } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { toPluginError } from "./plugin-failure.js";
import { withinDeadline } from "./within-deadline.js";

/**
 * Calls a target. Never inside a transaction (rule 8).
 * @param deadlineMs real milliseconds; `CALL_DEADLINE_MS` unless there is a reason.
 * @throws PluginError and nothing else: what the plugin did not foresee comes as `internal`, logged and masked.
 */
export async function callTarget<T>(
  core: Core,
  targetId: string,
  deadlineMs: number,
  call: (connection: TargetConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinDeadline(deadlineMs, (signal) =>
      core.targets.use(targetId, (connection) => call(connection, signal)),
    );
  } catch (error) {
    throw toPluginError(error, core.clock, core.log.child({ targetId }));
  }
}

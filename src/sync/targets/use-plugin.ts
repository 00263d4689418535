import type { TargetConnection } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { toPluginError } from "./plugin-failure.js";
import { withinDeadline } from "./within-deadline.js";

/**
 * Runs a part of a plugin on a target's connection: with a deadline, and with whatever it throws as a PluginError. By itself
 * for what needs no product, such as reading a webhook; everything else goes through `callTarget`.
 * @param deadlineMs real milliseconds.
 * @throws PluginError and nothing else: what the plugin did not foresee comes as `internal`, logged and masked.
 */
export async function usePlugin<T>(
  core: Core,
  targetId: string,
  deadlineMs: number,
  use: (connection: TargetConnection, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinDeadline(deadlineMs, (signal) =>
      core.targets.use(targetId, (connection) => use(connection, signal)),
    );
  } catch (error) {
    throw toPluginError(error, core.clock, core.log.child({ targetId }));
  }
}

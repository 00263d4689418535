import type { Plugin } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { askTarget, type TargetCheck } from "./check-target.js";
import { hideSecrets } from "./hide-secrets.js";
import type { OpenConnection } from "./open-connection.js";
import { toAppError, toPluginError } from "./plugin-failure.js";
import type { Settings } from "./split-settings.js";
import { CALL_DEADLINE_MS, withinDeadline } from "./within-deadline.js";

/**
 * Reaches the product with settings that are not stored yet.
 * @param settings as the plugin's schema returned them.
 * @throws AppError TARGET_REJECTED when they are wrong, TARGET_UNAVAILABLE with `retryAt` when the product is away.
 */
export async function trySettings(core: Core, plugin: Plugin, name: string, settings: Settings): Promise<TargetCheck> {
  const opening = core.targets.open(plugin, settings);
  let opened: OpenConnection | undefined;
  try {
    return await withinDeadline(CALL_DEADLINE_MS, async (signal) => {
      opened = await opening;
      signal.throwIfAborted();
      const { run, hide } = opened;
      return run((connection) => askTarget(connection, signal, hide));
    });
  } catch (error) {
    throw toAppError(toPluginError(error, core.clock, core.log, hideSecrets(plugin, settings)), core.clock, name);
  } finally {
    if (opened) await opened.close();
    // One that opens after the deadline is closed then, and not waited for.
    else void opening.then(({ close }) => close()).catch(() => undefined);
  }
}

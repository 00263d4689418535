import { PluginError, type PluginTools } from "../contract.js";
import type { MdmServer } from "./mdm-server.js";

/** Wakes channels, each once, so that they fetch what is queued. What fails is logged: they come by themselves some time. */
export async function wake(
  server: MdmServer,
  log: PluginTools["log"],
  channels: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await server.push([...new Set(channels)], signal);
  } catch (error) {
    log("devices could not be woken; their commands stay queued", {
      error: error instanceof PluginError ? error.message : "The plugin failed.",
    });
  }
}

import { PluginError } from "../../plugins/contract.js";

/** How long one call of a plugin may take, in real milliseconds whatever TIME_SCALE says: products do not hurry with us. */
export const CALL_DEADLINE_MS = 60_000;

/**
 * Runs a call with a signal that fires at its deadline. It ends then, also when the plugin ignores the signal, so that
 * one bad plugin holds up nobody else.
 * @throws PluginError `transient` at the deadline; else what the call throws.
 */
export async function withinDeadline<T>(deadlineMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new PluginError("transient", `No answer came within ${Math.ceil(deadlineMs / 1000)} seconds.`);
      controller.abort(error);
      reject(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([call(controller.signal), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

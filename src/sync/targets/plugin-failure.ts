import type { Logger } from "pino";
import { AppError } from "../../errors.js";
import { PluginError } from "../../plugins/contract.js";
import type { Clock } from "../core.js";

/** When the product does not say when to come back. */
const DEFAULT_RETRY_MS = 60_000;

/**
 * Whatever a call of a plugin has thrown, as the one error the core knows. Our own AppError says why there was no
 * connection; anything else is logged under an incident number and masked, since its text may hold anything.
 */
export function toPluginError(error: unknown, clock: Clock, log: Logger): PluginError {
  if (error instanceof PluginError) return error;
  if (error instanceof AppError) return new PluginError("config", error.message, { cause: error });
  const incident = clock.uuid();
  log.error({ err: error, incident }, "a plugin threw something other than a PluginError");
  return new PluginError("internal", `The plugin failed in a way it did not foresee (incident ${incident}).`, {
    cause: error,
  });
}

/** A plugin's error for the caller who waits for the answer. */
export function toAppError(error: PluginError, clock: Clock, target: string): AppError {
  const details = {
    target,
    ...(error.options.vendorCode === undefined ? {} : { vendorCode: error.options.vendorCode }),
  };
  switch (error.kind) {
    case "config":
    case "rejected":
      return new AppError("TARGET_REJECTED", `The target "${target}" refused: ${error.message}`, details, {
        cause: error,
      });
    case "transient": {
      const retryAt = clock.in(error.options.retryAfterMs ?? DEFAULT_RETRY_MS).toISOString();
      return new AppError(
        "TARGET_UNAVAILABLE",
        `The target "${target}" cannot be used at the moment: ${error.message}`,
        { ...details, retryAt },
        { cause: error },
      );
    }
    case "internal":
      return new AppError("INTERNAL", error.message, details, { cause: error });
  }
}

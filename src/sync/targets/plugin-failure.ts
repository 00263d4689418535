import type { Logger } from "pino";
import { z } from "zod";
import { AppError } from "../../errors.js";
import { PluginError } from "../../plugins/contract.js";
import type { Clock } from "../core.js";
import { toStorableText } from "./storable.js";

/** When nobody says when to come back. */
const DEFAULT_RETRY_MS = 60_000;

/** A product that wants to be left alone for longer is asked all the same, in milliseconds. */
const LONGEST_RETRY_MS = 86_400_000;

/** Of a PluginError, what may be kept: it comes from a plugin, and is not trusted. */
const THROWN = z.object({
  kind: z.enum(["config", "transient", "rejected", "internal"]),
  message: z.string().transform(toStorableText),
  options: z.object({
    retryAfterMs: z.number().min(0).max(LONGEST_RETRY_MS).optional().catch(undefined),
    vendorCode: z.string().transform(toStorableText).optional().catch(undefined),
  }),
});

/**
 * Whatever a call of a plugin has thrown, as the one error the core knows, fit to be stored and shown. Our own AppError says
 * why there was no connection; anything else is logged under an incident number and masked, since its text may hold anything.
 */
export function toPluginError(error: unknown, clock: Clock, log: Logger): PluginError {
  if (error instanceof AppError) return new PluginError("config", error.message, { cause: error });
  const thrown = error instanceof PluginError ? THROWN.safeParse(error) : null;
  if (thrown?.success) return asPluginError(thrown.data, error);
  const incident = clock.uuid();
  log.error({ err: error, incident }, "a plugin threw something other than a PluginError");
  return new PluginError("internal", `The plugin failed in a way it did not foresee (incident ${incident}).`, {
    cause: error,
  });
}

function asPluginError({ kind, message, options }: z.infer<typeof THROWN>, cause: unknown): PluginError {
  const { retryAfterMs, vendorCode } = options;
  return new PluginError(kind, message, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(vendorCode === undefined ? {} : { vendorCode }),
    cause,
  });
}

/** When a call that has failed may be made again. */
export function retryAt({ options }: PluginError, clock: Clock): Date {
  if (options.retryAfterMs === undefined) return clock.in(DEFAULT_RETRY_MS);
  return new Date(clock.now().getTime() + options.retryAfterMs);
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
    case "transient":
      return new AppError(
        "TARGET_UNAVAILABLE",
        `The target "${target}" cannot be used at the moment: ${error.message}`,
        { ...details, retryAt: retryAt(error, clock).toISOString() },
        { cause: error },
      );
    case "internal":
      return new AppError("INTERNAL", error.message, details, { cause: error });
  }
}

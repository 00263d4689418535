import type { Logger } from "pino";
import { z } from "zod";
import { AppError } from "../../errors.js";
import { PLUGIN_ERROR_KINDS, PluginError } from "../../plugins/contract.js";
import type { Clock } from "../core.js";
import { type Hide, hideNothing } from "./hide-secrets.js";
import { toStorableText } from "./storable.js";

/** When nobody says when to come back. */
const DEFAULT_RETRY_MS = 60_000;

/** So often at least what a product has refused is asked for again, while it is wanted: somebody may have mended it there. */
const LONGEST_PAUSE_AFTER_NO_MS = 60 * 60_000;

/** A product that wants to be left alone for longer is asked all the same, in milliseconds. */
const LONGEST_RETRY_MS = 86_400_000;

/** Of a PluginError, what may be kept: it comes from a plugin, and is not trusted. */
const THROWN = z.object({
  kind: z.enum(PLUGIN_ERROR_KINDS),
  message: z.string(),
  options: z.object({
    retryAfterMs: z.number().min(0).max(LONGEST_RETRY_MS).optional().catch(undefined),
    vendorCode: z.string().optional().catch(undefined),
  }),
});

/**
 * Whatever a call of a plugin has thrown, as the one error the core knows, fit to be stored and shown. Our own AppError says
 * why there was no connection; anything else is logged under an incident number and masked, since its text may hold anything.
 * @param hide takes the target's secrets out of what the plugin says, and out of what is logged.
 */
export function toPluginError(error: unknown, clock: Clock, log: Logger, hide = hideNothing): PluginError {
  const foreseen = unlessItThrows(() => asForeseen(error, hide));
  if (foreseen) return foreseen;
  const incident = clock.uuid();
  log.error(
    { thrown: unlessItThrows(() => describe(error, hide)), incident },
    "a plugin threw something other than a PluginError",
  );
  return new PluginError("internal", `The plugin failed in a way it did not foresee (incident ${incident}).`);
}

function asForeseen(error: unknown, hide: Hide): PluginError | null {
  if (error instanceof AppError) return new PluginError("config", error.message, { cause: error });
  if (!(error instanceof PluginError)) return null;
  const { kind, message, options } = THROWN.parse(error);
  const { retryAfterMs, vendorCode } = options;
  return new PluginError(kind, toStorableText(hide(message)), {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(vendorCode === undefined ? {} : { vendorCode: toStorableText(hide(vendorCode)) }),
  });
}

/** What is thrown may throw in its turn, wherever it is touched. */
function unlessItThrows<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

/** What the log keeps of it: an error's members may hold a whole request with its headers. */
function describe(error: unknown, hide: Hide): unknown {
  if (error instanceof Error) return { name: error.name, stack: toStorableText(hide(String(error.stack))) };
  return typeof error === "string" ? toStorableText(hide(error)) : { thrown: typeof error };
}

/** When a call that has failed may be made again. */
export function retryAt({ options }: PluginError, clock: Clock): Date {
  if (options.retryAfterMs === undefined) return clock.in(DEFAULT_RETRY_MS);
  return new Date(clock.now().getTime() + options.retryAfterMs);
}

/**
 * The same of what has been wanted since a moment: the answer to a no will hardly be another one soon, so it is asked again after
 * as long again, an hour at most.
 */
export function retryWishAt(error: PluginError, wantedSince: Date, clock: Clock): Date {
  const at = retryAt(error, clock);
  if (error.kind !== "rejected") return at;
  const now = clock.now().getTime();
  const pauseMs = Math.min(now - wantedSince.getTime(), clock.scaled(LONGEST_PAUSE_AFTER_NO_MS));
  return new Date(Math.max(at.getTime(), now + pauseMs));
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

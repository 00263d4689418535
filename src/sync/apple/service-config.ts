import type { Logger } from "pino";
import type { Clock } from "../core.js";
import { AppleError } from "./apple-error.js";
import type { ServiceConfig } from "./wire.js";

/** Apple asks to read it again every five minutes. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 30_000;

/**
 * Apple's limits and addresses, read anew when they are older than five minutes (scaled). While Apple is away the last
 * ones go on serving.
 */
export function createServiceConfigCache(
  read: () => Promise<ServiceConfig>,
  clock: Clock,
  log: Logger,
): () => Promise<ServiceConfig> {
  let known: { config: ServiceConfig; until: Date } | undefined;
  let reading: Promise<ServiceConfig> | undefined;

  const refresh = async (): Promise<ServiceConfig> => {
    try {
      const config = await read();
      known = { config, until: clock.in(FRESH_MS) };
      return config;
    } catch (error) {
      if (!known || !(error instanceof AppleError)) throw error;
      log.warn({ error: error.message }, "Apple's service configuration could not be read again; the last one is used");
      known = { config: known.config, until: clock.in(RETRY_MS) };
      return known.config;
    } finally {
      reading = undefined;
    }
  };

  return () => {
    if (known && clock.now() < known.until) return Promise.resolve(known.config);
    reading ??= refresh();
    return reading;
  };
}

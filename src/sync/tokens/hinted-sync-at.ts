import type { Core } from "../core.js";

/** One change at Apple makes many notifications: what comes within this time is followed by one reading. */
const GATHER_MS = 10_000;

/** While changes go on and on, Apple is read again this long after the last reading. */
const LEAST_INTERVAL_MS = 60_000;

/**
 * When to read what Apple has hinted at, so that many hints are followed by few readings.
 * @param lastSyncAt when Apple was last read; null when it never was.
 */
export function hintedSyncAt(core: Core, lastSyncAt: Date | null): Date {
  const again = (lastSyncAt?.getTime() ?? 0) + core.clock.scaled(LEAST_INTERVAL_MS);
  return new Date(Math.max(core.clock.in(GATHER_MS).getTime(), again));
}

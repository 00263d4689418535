import type { StoredCircuit } from "../../../entities/target-circuit.js";
import type { PluginError } from "../../../plugins/contract.js";
import type { Clock } from "../../core.js";

/** How many failures in a row open it: fewer are a hiccup. */
export const OPENS_AFTER = 3;

/** How long a call that has failed waits for its next try, and a target for the first one after it was opened. */
export const FIRST_PAUSE_MS = 30_000;

/** The same when an admin has to act first. A check, or a change of the settings, ends the pause. */
const CONFIG_PAUSE_MS = 5 * 60_000;

const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * A circuit after one more call has failed. It opens after three in a row, or at once where waiting is the answer: an admin
 * has to act, or the product asks for a pause. Each further failure doubles the pause. A call that was under way when it
 * opened tells nothing new. Pure.
 */
export function nextCircuit(circuit: StoredCircuit, error: PluginError, clock: Clock): StoredCircuit {
  const now = clock.now();
  const failed = { ...circuit, lastError: error.message, lastFailedAt: now };
  const askedUntil = new Date(now.getTime() + (error.options.retryAfterMs ?? 0));
  if (circuit.pausedUntil !== null && circuit.pausedUntil > now) {
    return { ...failed, pausedUntil: later(circuit.pausedUntil, askedUntil) };
  }
  const failures = circuit.failures + 1;
  const isWaiting = error.kind === "config" || error.options.retryAfterMs !== undefined;
  if (circuit.openedAt === null && failures < OPENS_AFTER && !isWaiting) return { ...failed, failures };
  const pausedUntil = later(clock.in(pauseMs(failures, error)), askedUntil);
  return { ...failed, failures, openedAt: circuit.openedAt ?? now, pausedUntil };
}

function pauseMs(failures: number, { kind }: PluginError): number {
  const [first, opensAfter] = kind === "config" ? [CONFIG_PAUSE_MS, 1] : [FIRST_PAUSE_MS, OPENS_AFTER];
  return Math.min(first * 2 ** Math.max(0, failures - opensAfter), LONGEST_PAUSE_MS);
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}

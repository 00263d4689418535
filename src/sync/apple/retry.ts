import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../core.js";
import { AppleError } from "./apple-error.js";
import { givenUp } from "./transport-error.js";

const ATTEMPTS = 5;
const FIRST_BACK_OFF_MS = 500;

/** Longer than this nobody waits inside a call: the caller is told, and comes again. Milliseconds of real time. */
export const LONGEST_WAIT_MS = 30_000;

/** Repeats a read on `retryable` errors: five attempts, exponential back-off with full jitter, never before `Retry-After`. */
export async function retryReads<Answer>(
  clock: Clock,
  signal: AbortSignal | undefined,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AppleError) || error.kind !== "retryable" || tries === ATTEMPTS) throw error;
      const backOff = clock.scaled(FIRST_BACK_OFF_MS * 2 ** (tries - 1)) * clock.random();
      const waitMs = Math.max(backOff, error.retryAfterMs ?? 0);
      if (waitMs > LONGEST_WAIT_MS || signal?.aborted) throw error;
      await waitFor(waitMs, signal);
    }
  }
}

/** @throws AppleError when the signal ends the wait. */
export async function waitFor(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(durationMs, undefined, signal ? { signal } : {});
  } catch {
    throw givenUp();
  }
}

/** What others also wait for: the signal ends this wait, and not the work. @throws AppleError when it does. */
export function whileWanted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const leave = () => reject(givenUp());
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

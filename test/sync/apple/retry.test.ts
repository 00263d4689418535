import { expect, it } from "vitest";
import { AppleError } from "../../../src/sync/apple/apple-error.js";
import { retryReads } from "../../../src/sync/apple/retry.js";
import type { Clock } from "../../../src/sync/core.js";
import { createSystemClock } from "../../../src/system-clock.js";

const later = (retryAfterMs?: number) =>
  new AppleError("Later.", { kind: "retryable", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** Waits are noted, and not waited. */
function notingClock(): { clock: Clock; bounds: number[]; draws: () => number } {
  const bounds: number[] = [];
  let drawn = 0;
  const scaled = (durationMs: number) => {
    bounds.push(durationMs);
    return 0;
  };
  const random = () => {
    drawn += 1;
    return 0.5;
  };
  return { clock: { ...createSystemClock(1), scaled, random }, bounds, draws: () => drawn };
}

it("asks five times, with a bound that doubles and a draw for each wait within it", async () => {
  const { clock, bounds, draws } = notingClock();
  let attempts = 0;
  const failing = retryReads(clock, undefined, () => {
    attempts += 1;
    return Promise.reject(later());
  });
  await expect(failing).rejects.toMatchObject({ kind: "retryable" });
  expect({ attempts, bounds, draws: draws() }).toEqual({ attempts: 5, bounds: [500, 1000, 2000, 4000], draws: 4 });
});

it("waits anywhere from nothing to the bound", async () => {
  const started = { first: true };
  const clock: Clock = { ...createSystemClock(1), random: () => 0 };
  const answer = await retryReads(clock, undefined, () => {
    if (!started.first) return Promise.resolve("answer");
    started.first = false;
    return Promise.reject(later());
  });
  expect(answer).toBe("answer");
});

it.each([
  ["Apple's final no", new AppleError("No.", { kind: "permanent" })],
  ["what an admin must mend", new AppleError("Renew it.", { kind: "token" })],
  ["what is no fault of Apple's", new TypeError("A mistake of ours")],
  ["a pause longer than anybody waits", later(30_001)],
])("hands on %s at once", async (_, error) => {
  const { clock } = notingClock();
  let attempts = 0;
  const failing = retryReads(clock, undefined, () => {
    attempts += 1;
    return Promise.reject(error);
  });
  await expect(failing).rejects.toBe(error);
  expect(attempts).toBe(1);
});

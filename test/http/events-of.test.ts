import type { ExecutionResult } from "graphql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../src/http/authentication/session.js";
import { eventsOf } from "../../src/http/events-of.js";
import { PATIENCE } from "../../src/http/patience.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const session = { onEnd: () => () => undefined } as unknown as Session;

/** Results without end, as changes are. */
async function* changes(): AsyncGenerator<ExecutionResult, void, void> {
  for (let number = 1; ; number += 1) yield { data: { number } };
}

function begin() {
  const onSlow = vi.fn();
  const events = eventsOf(changes(), session, (result) => JSON.stringify(result), PATIENCE, onSlow);
  return { events, onSlow, next: async () => (await events.next()).value as string | undefined };
}

test("a caller that does not take an event for long is told so by the last one, and may come again", async () => {
  const { next, onSlow } = begin();
  await next();
  expect(await next()).toContain('"number":1');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(onSlow).toHaveBeenCalledOnce();
  expect(await next()).toMatch(/^event: next\ndata: .*not taken within 30 seconds.*\n\n$/);
  expect(await next()).toBeUndefined();
});

test("a caller that takes each event in time is never left", async () => {
  const { next, onSlow } = begin();
  await next();
  for (let number = 1; number <= 5; number += 1) {
    expect(await next()).toContain(`"number":${number}`);
    await vi.advanceTimersByTimeAsync(20_000);
  }
  expect(onSlow).not.toHaveBeenCalled();
});

test("a caller that has gone is not waited for", async () => {
  const { events, next, onSlow } = begin();
  await next();
  await events.return?.();
  await vi.advanceTimersByTimeAsync(40_000);
  expect(onSlow).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

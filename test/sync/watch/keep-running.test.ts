import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepRunning } from "../../../src/sync/watch/keep-running.js";

const log = pino({ level: "silent" });

/** Workers that a test can end. */
class Workers {
  end = (_error?: Error) => {};
  stopped = 0;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.end = (error) => (error ? reject(error) : resolve());
  });

  async stop(): Promise<void> {
    this.stopped += 1;
    this.end();
  }
}

let started: Workers[];
let fails: Error | null;
const start = async () => {
  if (fails) throw fails;
  const workers = new Workers();
  started.push(workers);
  return workers;
};
beforeEach(() => {
  started = [];
  fails = null;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([undefined, new Error("The database is away.")])(
  "workers that end by themselves are followed by others, until they are stopped: %s",
  async (error) => {
    const running = await keepRunning({ log }, start);
    started[0]?.end(error);
    await vi.advanceTimersByTimeAsync(1_000);
    started[1]?.end(error);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started).toHaveLength(3);
    await running.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started.map(({ stopped }) => stopped)).toEqual([0, 0, 1]);
  },
);

test("others are tried again and again while they cannot start", async () => {
  const running = await keepRunning({ log }, start);
  fails = new Error("The database is away.");
  started[0]?.end();
  await vi.advanceTimersByTimeAsync(5_000);
  fails = null;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(started).toHaveLength(2);
  await running.stop();
});

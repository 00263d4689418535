import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { createRequestBudget } from "../../../src/sync/apple/request-budget.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { eventually } from "../../support/eventually.js";

/** Fifteen requests in 1.035 s. */
const PER_SECOND = 15;
const TURN_MS = 69;
/** Time so slow that a turn lasts a second. */
const SLOW = TURN_MS / 1000;
const SLOW_TURN_MS = 1000;

/** How long each request was told to wait; nobody does. */
const waits = vi.hoisted(() => [] as number[]);
vi.mock("../../../src/sync/apple/retry.js", async (original) => {
  const retry = await original<typeof import("../../../src/sync/apple/retry.js")>();
  const waitFor = (durationMs: number, signal: AbortSignal | undefined) => {
    waits.push(durationMs);
    return retry.waitFor(Math.min(durationMs, 20), signal);
  };
  return { ...retry, waitFor };
});

let database: TestDatabase;
let tokenId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  waits.length = 0;
  tokenId = crypto.randomUUID();
});

const budgetAt = (timeScale = 1) => createRequestBudget(database.dataSource, createSystemClock(timeScale));
const takeOne = (use: "read" | "write", budget = budgetAt()) => budget.take(tokenId, use, PER_SECOND, undefined);
const takeMany = (use: "read" | "write", count: number, budget = budgetAt()) =>
  Promise.all(Array.from({ length: count }, () => takeOne(use, budget)));

/** When the first turn begins that nobody has, in milliseconds since 1970. */
async function nextTurn(): Promise<number> {
  const [turn] = await database.dataSource.query("SELECT expire FROM rate_limit WHERE key = $1", [`apple:${tokenId}`]);
  return Number(turn?.expire ?? 0);
}

it.each(["read", "write"] as const)("spaces turns of a %s so that no second has more than Apple takes", async (use) => {
  await takeOne(use);
  const before = await nextTurn();
  await takeMany(use, PER_SECOND);
  expect((await nextTurn()) - before).toBeGreaterThanOrEqual(PER_SECOND * TURN_MS);
});

it("gives each request the very next turn", async () => {
  await takeOne("write", budgetAt(SLOW));
  const before = await nextTurn();
  await takeMany("write", 4, budgetAt(SLOW));
  await takeOne("read", budgetAt(SLOW));
  expect((await nextTurn()) - before).toBe(5 * SLOW_TURN_MS);
});

it("lets a write wait behind a few reads at most, however many reads wait", async () => {
  const stop = new AbortController();
  const reads = Array.from({ length: 30 }, () => budgetAt(SLOW).take(tokenId, "read", PER_SECOND, stop.signal));
  const ended = Promise.allSettled(reads);
  await eventually(async () => (waits.length >= 30 ? true : null));
  await takeOne("write", budgetAt(SLOW));
  expect((await nextTurn()) - Date.now()).toBeLessThanOrEqual(7 * SLOW_TURN_MS);
  stop.abort();
  await ended;
});

it("is one for all replicas", async () => {
  await takeOne("write");
  const before = await nextTurn();
  await Promise.all([takeMany("write", 8, budgetAt()), takeMany("write", 8, budgetAt())]);
  expect((await nextTurn()) - before).toBeGreaterThanOrEqual(16 * TURN_MS);
});

it("is another for another token", async () => {
  await takeMany("write", 15, budgetAt(SLOW));
  tokenId = crypto.randomUUID();
  waits.length = 0;
  await takeOne("write", budgetAt(SLOW));
  expect(waits).toEqual([0]);
});

it("says how long it would take when that is too long to wait", async () => {
  await takeMany("write", 4, budgetAt(SLOW / 10));
  await expect(takeOne("write", budgetAt(SLOW / 10))).rejects.toMatchObject({
    kind: "retryable",
    retryAfterMs: expect.any(Number),
  });
});

it("gives nobody a turn while Apple wants a pause", async () => {
  await budgetAt().pause(tokenId, 600_000);
  const asked = await Promise.allSettled([takeOne("read"), takeOne("write")]);
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

it("puts no request off when Apple takes very many", async () => {
  await Promise.all(Array.from({ length: 40 }, () => budgetAt().take(tokenId, "read", 1_000_000, undefined)));
  expect(Math.max(...waits)).toBe(0);
});

it("keeps turns out of the write-ahead log, whose flush each would have to wait for", async () => {
  const [table] = await database.dataSource.query("SELECT relpersistence FROM pg_class WHERE relname = 'rate_limit'");
  expect(table).toEqual({ relpersistence: "u" });
});

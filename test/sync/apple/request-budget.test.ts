import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createRequestBudget, type RequestBudget } from "../../../src/sync/apple/request-budget.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";

/** Slows time down, so that a test never sees the end of a window. */
const SLOW = 0.001;
const PER_SECOND = 15;

let database: TestDatabase;
let budget: RequestBudget;
let tokenId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(() => {
  tokenId = crypto.randomUUID();
  budget = createRequestBudget(database.dataSource, createSystemClock(SLOW));
});

const take = (use: "read" | "write", from = budget) => from.take(tokenId, use, PER_SECOND, undefined);
const granted = async (use: "read" | "write", wanted: number, from = budget) => {
  const results = await Promise.allSettled(Array.from({ length: wanted }, () => take(use, from)));
  return results.filter(({ status }) => status === "fulfilled").length;
};

it("gives reads twelve of fifteen requests a second", async () => {
  expect(await granted("read", 30)).toBe(12);
});

it("keeps the rest for writes, however many reads wait", async () => {
  await granted("read", 30);
  expect(await granted("write", 10)).toBe(3);
});

it("lets writes use the whole", async () => {
  expect(await granted("write", 30)).toBe(15);
});

it("is one for all replicas", async () => {
  const other = createRequestBudget(database.dataSource, createSystemClock(SLOW));
  const counts = await Promise.all([granted("write", 12), granted("write", 12, other)]);
  expect(counts[0] + counts[1]).toBe(15);
});

it("is another for another token", async () => {
  await granted("write", 30);
  tokenId = crypto.randomUUID();
  expect(await granted("write", 1)).toBe(1);
});

it("says how long it would take when that is too long to wait", async () => {
  await granted("write", 15);
  await expect(take("write")).rejects.toMatchObject({ kind: "retryable", retryAfterMs: expect.any(Number) });
});

it("lets nobody through while Apple wants a pause", async () => {
  await budget.pause(tokenId, 60_000);
  expect([await granted("read", 1), await granted("write", 1)]).toEqual([0, 0]);
});

it("waits for its turn when that is near", async () => {
  const quick = createRequestBudget(database.dataSource, createSystemClock(10));
  expect(await granted("write", 40, quick)).toBe(40);
});

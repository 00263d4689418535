import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestBudget } from "../../../src/sync/apple/request-budget.js";
import { retryAfterMs } from "../../../src/sync/apple/retry-after.js";
import { createSystemClock } from "../../../src/system-clock.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";

const HOUR_MS = 3_600_000;
const NOW = new Date("2030-01-01T00:00:00Z");

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it.each([
  ["9999999", HOUR_MS],
  ["99999999999999999999", HOUR_MS],
  ["Fri, 01 Feb 2030 00:00:00 GMT", HOUR_MS],
  ["120", 120_000],
  ["Tue, 01 Jan 2030 00:01:00 GMT", 60_000],
  ["Mon, 31 Dec 2029 00:00:00 GMT", 0],
])("is an hour at most: Retry-After %j is a pause of %d ms", (header, pauseMs) => {
  expect(retryAfterMs(header, NOW)).toBe(pauseMs);
});

it("is not shortened by a shorter one of another replica", async () => {
  const tokenId = crypto.randomUUID();
  const budget = createRequestBudget(database.dataSource, createSystemClock(1));
  await budget.pause(tokenId, HOUR_MS);
  await createRequestBudget(database.dataSource, createSystemClock(1)).pause(tokenId, 1);
  const refusal = await budget.take(tokenId, "write", 15, undefined).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: "retryable" });
  expect((refusal as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(HOUR_MS / 2);
});

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Role } from "../../../src/entities/role.js";
import { DEFAULT_LIMITS } from "../../../src/http/limits/limits.js";
import { RequestRate } from "../../../src/http/limits/request-rate.js";
import { createKey } from "../create-key.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";
import { byEventStream, byGet, byPost, bySocket, type Send } from "./ways.js";

const QUERY = { query: "{ tokens { totalCount } }" };
const SUBSCRIPTION = { query: "subscription { tokenHealthChanged { id } }" };

let api: TestApi;
let limited: TestApi;
beforeAll(async () => {
  api = await startApi();
  await new SampleRows(api.dataSource).token();
  limited = await startApi(api.database, { limits: { ...DEFAULT_LIMITS, requestsPerMinute: 4 } });
});
afterAll(async () => {
  await limited.close();
  await api.close();
});
afterEach(() => vi.useRealTimers());

const ways: readonly (readonly [string, Send, typeof QUERY])[] = [
  ["POST", byPost, QUERY],
  ["GET", byGet, QUERY],
  ["a stream of events", byEventStream, SUBSCRIPTION],
  ["WebSocket", bySocket, SUBSCRIPTION],
];

describe("a key that has sent as many requests as one may within a minute", () => {
  test.each(ways)("is refused the next one, over %s, and told when to come again", async (_, send, sent) => {
    const { key } = await createKey(api, { role: Role.VIEWER });
    // In whatever way the others came.
    for (const [, sendOne, one] of ways) expect((await sendOne(limited.url, one, key)).errors).toEqual([]);
    const before = Date.now();
    const { status, data, errors } = await send(limited.url, sent, key);
    expect({ status, data }).toEqual({ status: send === bySocket ? null : 429, data: null });
    expect(errors).toMatchObject([
      {
        code: "LIMIT_EXCEEDED",
        details: { kind: "requestsPerMinute", limit: 4, asked: 5, retryAt: expect.any(String) },
      },
    ]);
    const retryAt = Date.parse(String(errors[0]?.details.retryAt));
    expect(retryAt).toBeGreaterThan(before);
    expect(retryAt).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  test("reads in the header for how many seconds to wait", async () => {
    const { key, headers } = await createKey(api, { role: Role.VIEWER });
    for (let sent = 0; sent < 4; sent += 1) await byPost(limited.url, QUERY, key);
    const response = await fetch(`${limited.url}/report.csv`, { headers });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(response.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  });

  test("takes nothing from another key", async () => {
    const [one, other] = [await createKey(api, { role: Role.VIEWER }), await createKey(api, { role: Role.VIEWER })];
    for (let sent = 0; sent < 5; sent += 1) await byPost(limited.url, QUERY, one.key);
    expect((await byPost(limited.url, QUERY, other.key)).errors).toEqual([]);
  });

  test("is heard again when the minute is over", async () => {
    vi.useFakeTimers();
    const rate = new RequestRate(2);
    const access = { actor: "key:one", role: Role.VIEWER, teams: null };
    await rate.count(access);
    await rate.count(access);
    await expect(rate.count(access)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    vi.advanceTimersByTime(59_000);
    await expect(rate.count(access)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    vi.advanceTimersByTime(1_001);
    await expect(rate.count(access)).resolves.toBeUndefined();
  });
});

test("where there is no limit, any number is taken", async () => {
  const rate = new RequestRate(null);
  for (let sent = 0; sent < 10_000; sent += 1) await rate.count({ actor: "admin", role: Role.ADMIN, teams: null });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { createKey } from "../create-key.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

let database: TestDatabase;
let api: TestApi;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  api = await startApi(database, { trustedProxies: ["127.0.0.1"] });
  return () => api.close();
});

const READ = "{ tokens { totalCount } }";
const from = (address: string, key: string) => ({ authorization: `Bearer ${key}`, "x-forwarded-for": address });
async function guess(address: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await api.ask(READ, {}, from(address, `guess-${time}`));
}

describe("an address that sends wrong keys", () => {
  test("is not heard any more after twenty, not even with a right one, and is told until when", async () => {
    await guess("203.0.113.7", 20);
    const { key } = await createKey(api, { role: "VIEWER" });
    const response = await fetch(`${api.url}/graphql`, {
      method: "POST",
      headers: { ...from("203.0.113.7", key), "content-type": "application/json" },
      body: JSON.stringify({ query: READ }),
    });
    expect([response.status, Number(response.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
    const { errors } = (await response.json()) as { errors: { extensions: { code: string; details: object } }[] };
    expect(errors[0]?.extensions).toMatchObject({
      code: "LIMIT_EXCEEDED",
      details: { kind: "failedAttempts", limit: 20, retryAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  test("locks out no other address, and nobody whose key was found right before", async () => {
    await api.ask(READ, {}, from("198.51.100.1", API_KEY));
    await guess("198.51.100.1", 21);
    expect((await api.ask(READ, {}, from("198.51.100.1", API_KEY))).status).toBe(200);
    expect((await api.ask(READ, {}, from("198.51.100.2", "wrong"))).status).toBe(401);
  });

  test("is one with its whole network, where that is a customer's of IPv6", async () => {
    for (let at = 0; at < 20; at += 1) await api.ask(READ, {}, from(`2001:db8:1:2::${at + 1}`, "wrong"));
    expect((await api.ask(READ, {}, from("2001:db8:1:2:ffff::1", "wrong"))).status).toBe(429);
    expect((await api.ask(READ, {}, from("2001:db8:1:3::1", "wrong"))).status).toBe(401);
  });

  test("is written down, without the key", async () => {
    await guess("203.0.113.9", 1);
    const lines = api.log.filter((line) => line.includes("203.0.113.9"));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain("guess-0");
  });

  test("is the one that has connected, where nobody is trusted to say another", async () => {
    const plain = await startApi(database);
    for (let at = 0; at < 20; at += 1) await plain.ask(READ, {}, from(`203.0.113.${at}`, "wrong"));
    expect((await plain.ask(READ, {}, from("203.0.113.200", "wrong"))).status).toBe(429);
    await plain.close();
  });
});

test("a request without any key is no attempt", async () => {
  for (let at = 0; at < 25; at += 1) {
    expect((await api.ask(READ, {}, { "x-forwarded-for": "203.0.113.50" })).status).toBe(401);
  }
});

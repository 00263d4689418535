import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { newApiKeyText } from "../../../src/sync/access/api-key-text.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { createKey } from "../create-key.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";
import { AUDIENCE, startTestIssuer } from "./test-issuer.js";

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

describe("an address that sends many keys at the same time", () => {
  const MANY = 300;
  const times = <Item>(make: (at: number) => Item) => Array.from({ length: MANY }, (_, at) => make(at));
  const askAll = async (url: TestApi, address: string, keys: readonly string[]): Promise<Record<number, number>> => {
    const counts: Record<number, number> = {};
    for (const { status } of await Promise.all(keys.map((key) => url.ask(READ, {}, from(address, key))))) {
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  };

  test("is told of twenty that they are wrong, and of no other", async () => {
    const keys = times(() => newApiKeyText().text);
    expect(await askAll(api, "203.0.113.60", keys)).toEqual({ 401: 20, 429: MANY - 20 });
  });

  test("is told no more of tokens of an issuer", async () => {
    const issuer = await startTestIssuer();
    const settings = { issuer: issuer.issuer, audience: [AUDIENCE], jwksUrl: null };
    const own = await startApi(database, {
      trustedProxies: ["127.0.0.1"],
      oidc: { ...settings, roleClaim: "roles", teamsClaim: null, actorClaim: "sub" },
    });
    const tokens = await Promise.all(
      times((at) => issuer.sign({ roles: ["ADMIN"], sub: `${at}` }, { expiresIn: -60 })),
    );
    expect(await askAll(own, "203.0.113.61", tokens)).toEqual({ 401: 20, 429: MANY - 20 });
    await own.close();
    await issuer.close();
  });

  test("is told no more over WebSocket", async () => {
    const sockets = times(
      () =>
        new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", {
          headers: from("203.0.113.62", newApiKeyText().text),
        }),
    );
    const codes = sockets.map(async (socket) => {
      await once(socket, "open");
      socket.send(JSON.stringify({ type: "connection_init" }));
      return (await once(socket, "close"))[0];
    });
    expect(new Set(await Promise.all(codes))).toEqual(new Set([4401]));
    expect(api.log.filter((line) => line.includes("203.0.113.62"))).toHaveLength(20);
  });

  test("is served with all of them when they are right", async () => {
    const keys: string[] = [];
    for (let at = 0; at < 30; at += 1) keys.push((await createKey(api, { role: "VIEWER" })).key);
    const fresh = await startApi(database, { trustedProxies: ["127.0.0.1"] });
    expect(await askAll(fresh, "203.0.113.63", keys)).toEqual({ 200: 30 });
    await fresh.close();
  });
});

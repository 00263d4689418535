import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

const ORIGIN = "https://apps.example.com";

let api: TestApi;
let opened: TestApi;
beforeAll(async () => {
  api = await startApi();
  opened = await startApi(api.database, { corsOrigins: [ORIGIN] });
});
afterAll(async () => {
  await opened.close();
  await api.close();
});

const KEY = { authorization: `Bearer ${API_KEY}` };
const allowed = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));

const preflight = (url: string, origin: string) =>
  fetch(`${url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

const post = (url: string, origin: string) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { origin, "content-type": "application/json", ...KEY },
    body: JSON.stringify({ query: "{ tokens { totalCount } }" }),
  });

describe("a page of another origin", () => {
  test("is let in by no header unless the configuration names it", async () => {
    for (const response of [await preflight(api.url, ORIGIN), await post(api.url, ORIGIN)]) {
      expect(allowed(response)).toEqual([]);
    }
  });

  test("may call if it is named, after a preflight that needs no key", async () => {
    const asked = await preflight(opened.url, ORIGIN);
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
    const answer = await post(opened.url, ORIGIN);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(answer.headers.get("vary")).toMatch(/origin/i);
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("reads why it was refused", async () => {
    const answer = await fetch(`${opened.url}/graphql`, { method: "POST", headers: { origin: ORIGIN } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  });

  test.each(["https://evil.example.com", "http://apps.example.com", "https://apps.example.com:8443", "null"])(
    "is not let in when another is named: %s",
    async (origin) => {
      for (const response of [await preflight(opened.url, origin), await post(opened.url, origin)]) {
        expect(response.headers.get("access-control-allow-origin")).not.toBe(origin);
        expect(response.headers.get("access-control-allow-origin")).not.toBe("*");
      }
    },
  );
});

describe("a request that a browser sends without asking first", () => {
  const made = 'mutation { createCollection(input: { name: "Forged", kind: USER }) { collection { id } } }';

  test.each([
    ["text/plain", JSON.stringify({ query: made })],
    ["application/x-www-form-urlencoded", new URLSearchParams({ query: made }).toString()],
    ["multipart/form-data; boundary=x", `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${made}\r\n--x--`],
    ["text/plain; application/json", JSON.stringify({ query: made })],
  ])("is refused, and nothing is done: %s", async (type, body) => {
    const response = await fetch(`${api.url}/graphql`, {
      method: "POST",
      headers: { "content-type": type, ...KEY },
      body,
    });
    expect([response.status, await response.json()]).toMatchObject([
      expect.toSatisfy((status: number) => status >= 400 && status < 500),
      { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
    ]);
    expect(await api.dataSource.query("SELECT FROM collection WHERE name = 'Forged'")).toEqual([]);
  });

  test.each([
    ["a query", "{ tokens { totalCount } }"],
    ["a mutation", made],
  ])("is refused when it is a GET: %s", async (_, query) => {
    const response = await fetch(`${api.url}/graphql?${new URLSearchParams({ query })}`, { headers: KEY });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
    ]);
  });

  test("a mutation by GET is refused also after asking", async () => {
    const response = await fetch(`${api.url}/graphql?${new URLSearchParams({ query: made })}`, {
      headers: { ...KEY, "apollo-require-preflight": "1" },
    });
    expect(response.status).toBe(405);
    expect(await api.dataSource.query("SELECT FROM collection WHERE name = 'Forged'")).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

// What scanners try (graphql-cop, InQL and those that go by OWASP's GraphQL cheat sheet), with their words and their numbers.

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const KEY = { authorization: `Bearer ${API_KEY}` };
const JSON_BODY = { "content-type": "application/json" };
const times = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(" ");

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function send(path: string, init: RequestInit = {}): Promise<Told> {
  const { status, headers, ...response } = await fetch(`${api.url}${path}`, init).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    text: await answer.text(),
  }));
  const { data = null, errors = [] } = JSON.parse(response.text || "{}") as Partial<Told>;
  return { status, headers, text: response.text, data, errors };
}

const post = (body: unknown, headers: Record<string, string> = KEY) =>
  send("/graphql", { method: "POST", headers: { ...JSON_BODY, ...headers }, body: JSON.stringify(body) });

describe("denial of service:", () => {
  test.each([
    ["alias overloading", `query cop { ${times(101, (at) => `alias${at}: __typename`)} }`],
    ["field duplication", `query cop { ${times(500, () => "__typename")} }`],
    ["directive overloading", `query cop { __typename ${"@include(if: true) ".repeat(50)} }`],
    ["circular fragments", "query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }"],
    [
      "circular introspection",
      `query cop { __schema { types { ${"fields { type { ".repeat(5)} name ${"} }".repeat(5)} } } }`,
    ],
    [
      "deep recursion",
      `query cop { tokens { nodes { ${"storeApps { nodes { token { ".repeat(10)} id ${"} } }".repeat(10)} } } }`,
    ],
    [
      "a list of everything in lists of everything",
      "{ tokens(first: 500) { nodes { licenses(first: 500) { nodes { id } } } } }",
    ],
  ])("%s is refused before it is executed", async (_, query) => {
    expect(await post({ query })).toMatchObject({ status: 400, data: null });
  });

  test("array-based batching is refused", async () => {
    const batch = Array.from({ length: 10 }, () => ({ query: "query cop { __typename }" }));
    expect(await post(batch)).toMatchObject({
      status: 400,
      data: null,
      errors: [{ extensions: { code: "INVALID_INPUT" } }],
    });
  });

  test("faults are not told of one by one as often as they are sent", async () => {
    const { errors } = await post({ query: `query cop { __typename ${"@aa".repeat(10)} }` });
    expect(errors.length).toBeLessThan(10);
    const wrong = await post({ query: `query cop { ${times(300, (at) => `wrong${at}`)} }` });
    expect(wrong.errors.length).toBeLessThan(10);
  });

  test("oversized variables are refused by their bytes", async () => {
    const { status, errors } = await post({ query: "{ __typename }", variables: { pad: "x".repeat(2 * 1024 * 1024) } });
    expect([status, errors[0]?.extensions.code]).toEqual([413, "LIMIT_EXCEEDED"]);
  });
});

describe("information disclosure:", () => {
  test.each([
    ["introspection", { query: "query cop { __schema { types { name fields { name } } } }" }],
    ["one type", { query: '{ __type(name: "Token") { name } }' }],
    ["field suggestions", { query: "query cop { __schema { directive } }" }],
    ["a keep-alive of `__typename`", { query: "{ __typename }" }],
    ["a mutation's name", { query: "mutation { addTokn }" }],
    ["a federated schema", { query: "{ _service { sdl } }" }],
    ["a persisted query", { extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }],
    ["nothing", {}],
  ])("without a key, %s is told nothing but that it takes one", async (_, body) => {
    const { status, text, data, errors } = await post(body, {});
    expect({ status, data, errors }).toMatchObject({
      status: 401,
      data: null,
      errors: [{ extensions: { code: "UNAUTHENTICATED" } }],
    });
    expect(text).not.toMatch(/did you mean|__|Token\b|Query\b|persisted/i);
  });

  test.each([
    "/graphiql",
    "/altair",
    "/voyager",
    "/console",
    "/graphql/console",
    "/graphql/schema",
    "/graphql.sdl",
    "/metrics",
    "/.env",
  ])("there is nothing at %s", async (path) => {
    expect((await send(path, { headers: { accept: "text/html" } })).status).toBe(404);
  });

  test("a browser that opens the API without a key gets no page of any tool", async () => {
    const { status, text } = await send("/graphql", { headers: { accept: "text/html" } });
    expect(status).toBe(401);
    expect(text).not.toMatch(/<html|graphiql|playground|sandbox/i);
  });

  test.each([
    ["tracing", "{ tokens { totalCount } }", { "x-apollo-tracing": "1", "apollo-federation-include-trace": "ftv1" }],
    ["debug mode", "query cop { abc }", { "x-debug": "1" }],
    ["broken syntax", "qwerty cop { abc }", {}],
    ["no operation", "query { }", {}],
    ["a wrong type", '{ tokens(first: "1; DROP TABLE token") { totalCount } }', {}],
    ["a wrong id", `{ node(id: "' OR 1=1 --") { id } }`, {}],
    ["a wrong cursor", `{ tokens(after: "' OR 1=1 --") { nodes { id } } }`, {}],
    ["a negative size", "{ tokens(first: -1) { nodes { id } } }", {}],
  ])("%s brings out no trace of the inside", async (_, query, headers) => {
    const { status, text, headers: told } = await post({ query }, { ...KEY, ...headers });
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/exception|stacktrace|tracing|ftv1|node_modules|\.ts\b|\.js\b|SELECT|postgres|INTERNAL/i);
    expect(told.has("server") || told.has("x-powered-by")).toBe(false);
  });

  test.each([
    ["a number as query", { query: 5 }],
    ["an object as query", { query: { $ne: null } }],
    ["text as variables", { query: "{ __typename }", variables: "{}" }],
    ["a list as variables", { query: "{ __typename }", variables: [1] }],
    ["a number as operation name", { query: "{ __typename }", operationName: 1 }],
    ["a number as extensions", { query: "{ __typename }", extensions: 1 }],
    ["a persisted query of another kind", { extensions: { persistedQuery: 5 } }],
  ])("type confusion with %s is the caller's fault", async (_, body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      data: null,
      errors: [{ extensions: { code: "INVALID_INPUT" } }],
    });
  });
});

describe("cross-site request forgery and HTTP:", () => {
  const WRITES = 'mutation cop { createCollection(input: { name: "Forged", kind: USER }) { collection { id } } }';

  test.each([
    ["application/x-www-form-urlencoded", new URLSearchParams({ query: "query cop { __typename }" }).toString()],
    [
      "multipart/form-data; boundary=x",
      '--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n{ __typename }\r\n--x--',
    ],
    ["text/plain", JSON.stringify({ query: "query cop { __typename }" })],
    ["application/graphql", "query cop { __typename }"],
    ["application/xml", "<query/>"],
    ["application/octet-stream", "\x00\x01"],
  ])("a body of %s is answered with 415 or 400", async (type, body) => {
    const { status, data } = await send("/graphql", {
      method: "POST",
      headers: { ...KEY, "content-type": type },
      body,
    });
    expect({ status, data }).toEqual({ status: type.startsWith("text/plain") ? 400 : 415, data: null });
  });

  test("GET takes no mutation, and a query only of who could not be a form", async () => {
    const url = (query: string) => `/graphql?${new URLSearchParams({ query })}`;
    expect((await send(url("query cop { __typename }"), { headers: KEY })).status).toBe(400);
    expect((await send(url(WRITES), { headers: { ...KEY, "apollo-require-preflight": "1" } })).status).toBe(405);
    expect(await api.dataSource.query("SELECT FROM collection")).toEqual([]);
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("%s is answered with 405 and what is allowed", async (method) => {
    const { status, headers } = await send("/graphql", { method, headers: KEY });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("no other method hides in a header", async () => {
    const headers = {
      ...KEY,
      "x-http-method-override": "POST",
      "x-method-override": "POST",
      "apollo-require-preflight": "1",
    };
    const { status } = await send(`/graphql?${new URLSearchParams({ query: WRITES })}`, { headers });
    expect(status).toBe(405);
  });

  test.each(["/graphql", "/playground", "/report", "/report.csv", "/health/live", "/nowhere"])(
    "the answer at %s carries the headers that browsers go by",
    async (path) => {
      const { headers } = await fetch(`${api.url}${path}`);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-security-policy": expect.stringContaining("default-src 'none'"),
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
    },
  );

  test("behind a proxy that speaks https, browsers are told to come by nothing else", async () => {
    const proxied = await startApi(api.database, { trustedProxies: 1 });
    const hsts = async (protocol: string) => {
      const answer = await fetch(`${proxied.url}/health/live`, { headers: { "x-forwarded-proto": protocol } });
      return answer.headers.get("strict-transport-security");
    };
    expect([await hsts("https"), await hsts("http")]).toEqual([expect.stringMatching(/^max-age=\d{8}/), null]);
    await proxied.close();
  });
});

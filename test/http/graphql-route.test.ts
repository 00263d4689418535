import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const collectionCount = async () => Number((await api.dataSource.query("SELECT count(*) FROM collection"))[0].count);
const CREATE = `mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id name kind } } }`;

describe("a request without the API key", () => {
  test.each([
    ["no header", {}],
    ["a wrong key", { authorization: "Bearer wrong" }],
    ["the key's beginning", { authorization: `Bearer ${API_KEY.slice(0, -1)}` }],
    ["another scheme", { authorization: `Basic ${API_KEY}` }],
  ])("is refused with 401 and UNAUTHENTICATED: %s", async (_, headers) => {
    const answer = await api.ask("{ tokens { totalCount } }", {}, headers as Record<string, string>);
    expect(answer).toMatchObject({ status: 401, data: null, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  test("changes nothing, and asks the database nothing", async () => {
    const query = vi.spyOn(api.dataSource, "query");
    const input = { name: "Nobody's", kind: "USER" };
    expect((await api.ask(CREATE, { input }, {})).status).toBe(401);
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
    expect(await collectionCount()).toBe(0);
  });

  test("cannot read the schema either", async () => {
    expect((await api.ask("{ __schema { types { name } } }", {}, {})).status).toBe(401);
    expect((await api.ask("{ __schema { types { name } } }")).errors).toEqual([]);
  });

  test("is refused as well when it is a GET", async () => {
    const response = await fetch(`${api.url}/graphql?query={tokens{totalCount}}`);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
  });
});

describe("a request that is wrong", () => {
  test.each([
    ["does not parse", "{ tokens {"],
    ["asks for a field that is not there", "{ tokens { edges { node { secret } } } }"],
    ["holds no operation", "fragment F on Token { id }"],
  ])("is INVALID_INPUT with 400 when it %s", async (_, query) => {
    const answer = await api.ask(query);
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: "INVALID_INPUT" } }] });
  });

  test("is INVALID_INPUT when a variable does not fit", async () => {
    const answer = await api.ask("query ($first: Int) { tokens(first: $first) { totalCount } }", { first: "many" });
    expect(answer.errors[0]?.extensions.code).toBe("INVALID_INPUT");
  });

  test("is INVALID_INPUT when its body is no JSON, and LIMIT_EXCEEDED when it is too large", async () => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${API_KEY}` };
    const broken = await fetch(`${api.url}/graphql`, { method: "POST", headers, body: "{" });
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
    ]);
    const large = await api.ask(`{ tokens { totalCount } } #${"x".repeat(1024 * 1024)}`);
    expect(large).toMatchObject({ status: 413, errors: [{ extensions: { code: "LIMIT_EXCEEDED" } }] });
  });

  test("is refused when a browser's form could have sent it", async () => {
    const response = await fetch(`${api.url}/graphql?query={tokens{totalCount}}`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
    ]);
  });
});

describe("an id that leads to nothing", () => {
  const UNKNOWN_TOKEN = encodeGlobalId("Token", "00000000-0000-4000-8000-000000000000");

  test.each([
    ["of the right type", UNKNOWN_TOKEN],
    ["of another type", encodeGlobalId("User", "00000000-0000-4000-8000-000000000000")],
    ["with a key that does not fit its type", encodeGlobalId("Token", "17")],
    ["that is not ours at all", "hello"],
  ])("is NOT_FOUND where one thing is asked for: %s", async (_, id) => {
    const answer = await api.ask("query ($id: ID!) { token(id: $id) { id } }", { id });
    expect(answer).toMatchObject({
      status: 200,
      data: { token: null },
      errors: [{ extensions: { code: "NOT_FOUND" } }],
    });
  });

  test("is null where any node is asked for", async () => {
    const answer = await api.ask('query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id, "hello"]) { id } }', {
      id: UNKNOWN_TOKEN,
    });
    expect(answer).toMatchObject({ data: { node: null, nodes: [null, null] }, errors: [] });
  });

  test("is NOT_FOUND when its number is larger than any there can be", async () => {
    const id = encodeGlobalId("License", "00000000-0000-4000-8000-000000000000", "9999999999999999999");
    const answer = await api.ask("query ($id: ID!) { license(id: $id) { id } node(id: $id) { id } }", { id });
    expect(answer).toMatchObject({ data: { node: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
  });

  test("is NOT_FOUND in a mutation, and nothing is written", async () => {
    const answer = await api.ask(
      "mutation ($input: UpdateTokenInput!) { updateToken(input: $input) { token { id } } }",
      { input: { token: UNKNOWN_TOKEN, name: "New name", idempotencyKey: "unknown-token" } },
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
    expect(await api.dataSource.query("SELECT * FROM mutation_answer WHERE idempotency_key = 'unknown-token'")).toEqual(
      [],
    );
  });
});

describe("an error that nobody foresaw", () => {
  test("is masked for the caller and logged under the id that the caller gets", async () => {
    const query = vi.spyOn(api.dataSource, "query").mockImplementation(async () => {
      throw Object.assign(new Error("the disk is on fire"), { parameters: ["a-parameter"], query: "SELECT secrets" });
    });
    const answer = await api.ask("{ licenseDrift { nodes { id } } }");
    query.mockRestore();
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: "INTERNAL" } }] });
    expect(JSON.stringify(answer)).not.toMatch(/fire|parameter|SELECT/);
    const errorId = String(answer.errors[0]?.extensions.details.errorId);
    const logged = api.log.filter((line) => line.includes(errorId));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("the disk is on fire");
    expect(logged[0]).not.toContain("a-parameter");
  });
});

describe("an idempotency key", () => {
  test("gives the first answer again for the same input, and does nothing twice", async () => {
    const input = { name: "Sales", kind: "USER", idempotencyKey: "make-sales" };
    const before = await collectionCount();
    const first = await api.ask(CREATE, { input });
    const second = await api.ask(CREATE, { input });
    expect(first).toMatchObject({
      errors: [],
      data: { createCollection: { collection: { name: "Sales", kind: "USER" } } },
    });
    expect(second).toEqual(first);
    expect(await collectionCount()).toBe(before + 1);
  });

  test("is refused with CONFLICT for another input", async () => {
    const before = await collectionCount();
    const idempotencyKey = "make-one-thing";
    await api.ask(CREATE, { input: { name: "One thing", kind: "USER", idempotencyKey } });
    const other = await api.ask(CREATE, { input: { name: "Another", kind: "USER", idempotencyKey } });
    expect(other).toMatchObject({ data: null, errors: [{ extensions: { code: "CONFLICT" } }] });
    expect(await collectionCount()).toBe(before + 1);
  });

  test("keeps nothing of the input from which a secret could be found out by trying", async () => {
    const input = { name: "Guessed", kind: "USER", idempotencyKey: "make-guessed" };
    await api.ask(CREATE, { input });
    const [kept] = await api.dataSource.query(
      "SELECT input_digest FROM mutation_answer WHERE idempotency_key = 'make-guessed'",
    );
    expect(kept.input_digest).toMatch(/^[\w-]{8}\.[\w-]{43}$/);
  });

  test("of before its input was kept by a key gives the first answer again", async () => {
    const input = { name: "Older", kind: "USER", idempotencyKey: "make-older" };
    const first = await api.ask(CREATE, { input });
    await api.dataSource.query("UPDATE mutation_answer SET input_digest = NULL WHERE idempotency_key = 'make-older'");
    expect(await api.ask(CREATE, { input })).toEqual(first);
  });
});

test("a text with U+0000, which PostgreSQL cannot hold, is INVALID_INPUT in filters and inputs", async () => {
  const filtered = await api.ask("query ($t: String) { tokens(filter: { nameContains: $t }) { totalCount } }", {
    t: "a\0b",
  });
  const made = await api.ask(CREATE, { input: { name: "a\0b", kind: "USER" } });
  expect(filtered.errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  expect(made.errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
});

test("answers say that they must not be kept, framed or guessed at", async () => {
  const response = await fetch(`${api.url}/graphql`, { method: "POST" });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from "vitest";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

let api: TestApi;
let statements: MockInstance;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => {
  statements = vi.spyOn(api.dataSource, "query");
});
afterEach(() => {
  // That a mutation was refused is written down.
  expect(statements.mock.calls.filter(([text]) => !text.includes("INTO audit_event"))).toEqual([]);
  statements.mockRestore();
});
afterAll(() => api.close());

const times = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(" ");

/** From node to connection to node, round and round. */
const cycles = (count: number) =>
  `{ tokens(first: 1) { nodes { ${"storeApps(first: 1) { nodes { token { ".repeat(count)}id${" } } }".repeat(count)} } } }`;

/** Each spreads the next one twice. */
const doubling = (count: number) =>
  `{ tokens(first: 1) { nodes { ...F0 } } } ${times(count, (at) => `fragment F${at} on Token { ...F${at + 1} ...F${at + 1} }`)} fragment F${count} on Token { id }`;

test.each([
  ["aliases", `{ ${times(1_000, (at) => `a${at}: tokens { totalCount }`)} }`, "documentTokens"],
  ["a few aliases too many", `{ ${times(31, (at) => `a${at}: tokens { totalCount }`)} }`, "aliases"],
  [
    "aliases hidden in fragments",
    `{ ${times(4, () => "...A")} } fragment A on Query { ${times(8, (at) => `a${at}: tokens { totalCount }`)} }`,
    "aliases",
  ],
  ["directives", `{ tokens { totalCount ${"@include(if: true) ".repeat(21)} } }`, "directives"],
  ["nesting through types that lead to each other", cycles(20), "depth"],
  [
    "nesting that fragments hide",
    `{ tokens(first: 1) { nodes { ...A } } } ${times(8, (at) => `fragment ${"ABCDEFGHI"[at]} on Token { storeApps(first: 1) { nodes { token { ...${"ABCDEFGHI"[at + 1]} } } } }`)} fragment I on Token { id }`,
    "depth",
  ],
  ["fragments that double", doubling(25), "fields"],
  ["one field, again and again", `{ ${times(500, () => "__typename")} }`, "fields"],
  ["one fragment, again and again", `{ ${times(250, () => "...A")} } fragment A on Query { __typename }`, "fields"],
  ["fragments without a name", `{ ${times(250, () => "... { __typename }")} }`, "fields"],
  ["lists in lists", "{ tokens(first: 500) { nodes { storeApps(first: 500) { nodes { id } } } } }", "cost"],
  ["schemas", `{ ${times(5, (at) => `a${at}: __schema { types { name } }`)} }`, "cost"],
])("a flood of %s is LIMIT_EXCEEDED before anything is read", async (_, query, kind) => {
  const { status, data, errors } = await api.ask(query);
  expect({ status, data }).toEqual({ status: 400, data: null });
  expect(errors.map(({ extensions }) => extensions)).toContainEqual(
    expect.objectContaining({ code: "LIMIT_EXCEEDED", details: expect.objectContaining({ kind }) }),
  );
});

test.each([
  ["fragments in a circle", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"],
  [
    "an introspection that goes round and round",
    "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
  ],
])("%s are INVALID_INPUT", async (_, query) => {
  const { status, data, errors } = await api.ask(query);
  expect({ status, data, code: errors[0]?.extensions.code }).toEqual({
    status: 400,
    data: null,
    code: "INVALID_INPUT",
  });
});

test("several operations in one request are refused, whatever they ask", async () => {
  const response = await fetch(`${api.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify(Array.from({ length: 3 }, () => ({ query: "{ tokens { totalCount } }" }))),
  });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { errors: [{ extensions: { code: "INVALID_INPUT" } }] },
  ]);
});

test.each([
  ["a list of too many", (items: number) => JSON.stringify(Array.from({ length: items }, () => 1)), 10_001],
  ["lists inside lists, too many in one", (items: number) => `[[${"1,".repeat(items - 1)}1]]`, 10_001],
])("among the variables, %s is LIMIT_EXCEEDED", async (_, text, items) => {
  const response = await fetch(`${api.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
    body: `{"query":"query ($ids: [ID!]!) { nodes(ids: $ids) { id } }","variables":{"ids":${text(items)}}}`,
  });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    {
      errors: [
        { extensions: { code: "LIMIT_EXCEEDED", details: { kind: "listLength", limit: 10_000, asked: items } } },
      ],
    },
  ]);
});

test.each([
  ["a list", "query ($it: [ID!]!) { nodes(ids: $it) { id } }", "[", "]"],
  [
    "settings",
    'mutation ($it: JSONObject!) { addTarget(input: { plugin: "sample", name: "Deep", settings: $it }) { __typename } }',
    '{"a":',
    "}",
  ],
])("variables that nest without end are INVALID_INPUT: %s", async (_, query, open, close) => {
  const deep = 100_000;
  const response = await fetch(`${api.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
    body: `{"query":${JSON.stringify(query)},"variables":{"it":${open.repeat(deep)}{}${close.repeat(deep)}}}`,
  });
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  expect(errors[0]?.extensions.code).toBe("INVALID_INPUT");
});

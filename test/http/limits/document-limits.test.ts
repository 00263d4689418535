import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { encodeGlobalId } from "../../../src/entities/global-id.js";
import type { StoreApp } from "../../../src/entities/store-app.js";
import { DEFAULT_LIMITS } from "../../../src/http/limits/limits.js";
import { SampleRows } from "../sample-rows.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";
import { byEventStream, byGet, byPost, bySocket, type Sent } from "./ways.js";

const LIMITS = {
  ...DEFAULT_LIMITS,
  depth: 6,
  cost: 201,
  aliases: 2,
  directives: 2,
  fields: 35,
  documentTokens: 40,
  bodyBytes: 2_048,
  pageSize: 60,
  listLength: 3,
};

let api: TestApi;
let app: StoreApp;
beforeAll(async () => {
  api = await startApi(undefined, { limits: LIMITS });
  const rows = new SampleRows(api.dataSource);
  app = await rows.storeApp(await rows.token());
});
afterAll(() => api.close());

const times = (count: number, text: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => text(at)).join(" ");
const query = (fields: string): Sent => ({ query: `{ tokens(first: 1) { nodes { ${fields} } } }` });
/** Begins with one object. */
const live = (fields: string): Sent => ({
  query: `subscription { tokenHealthChanged(token: "${encodeGlobalId("Token", app.tokenId)}") { ${fields} } }`,
});
const nested = (inner: string) => `storeApps(first: 1) { nodes { token { ${inner} } } }`;
/** Costs one, and four an item. */
const page = (list: string, size: number) => `${list}(first: ${size}) { nodes { id name } totalCount }`;
const included = (count: number) => times(count, () => "id @include(if: true)");
/** Writes ten fields and a spread each time, in few words. */
const spreading = ({ query }: Sent): Sent => ({ query: `${query} fragment Ten on Token { ${times(10, () => "id")} }` });
const ids = (count: number) => ({ ids: Array.from({ length: count }, () => app.globalId) });

interface Case {
  readonly kind: string;
  readonly limit: number;
  /** What is told to have been asked for; nothing where nobody counts to the end. */
  readonly asked?: number;
  /** The last that is allowed, and the first that is not. */
  readonly queries: () => readonly [Sent, Sent];
  readonly subscriptions: () => readonly [Sent, Sent];
}

const cases: readonly Case[] = [
  {
    kind: "depth",
    limit: 6,
    asked: 7,
    queries: () => [query(nested("id")), query(nested("health { state }"))],
    subscriptions: () => [live(nested("health { state }")), live(nested("storeApps(first: 1) { nodes { id } }"))],
  },
  {
    kind: "cost",
    limit: 201,
    asked: 202,
    queries: () => [{ query: `{ ${page("tokens", 50)} }` }, { query: `{ __typename ${page("tokens", 50)} }` }],
    subscriptions: () => [
      live(`id name __typename ${page("storeApps", 49)}`),
      live(`id name __typename platform ${page("storeApps", 49)}`),
    ],
  },
  {
    kind: "aliases",
    limit: 2,
    asked: 3,
    queries: () => [query("a: id b: id"), query("a: id b: id c: id")],
    subscriptions: () => [live("a: id b: id"), live("a: id b: id c: id")],
  },
  {
    kind: "directives",
    limit: 2,
    asked: 3,
    queries: () => [query(included(2)), query(included(3))],
    subscriptions: () => [live(included(2)), live(included(3))],
  },
  {
    kind: "fields",
    limit: 35,
    queries: () => [spreading(query("...Ten ...Ten ...Ten")), spreading(query("...Ten ...Ten ...Ten id"))],
    subscriptions: () => [spreading(live("...Ten ...Ten ...Ten id")), spreading(live("...Ten ...Ten ...Ten id id"))],
  },
  {
    kind: "documentTokens",
    limit: 40,
    queries: () => [query(times(27, () => "id")), query(times(28, () => "id"))],
    subscriptions: () => [live(times(29, () => "id")), live(times(30, () => "id"))],
  },
  {
    kind: "pageSize",
    limit: 60,
    asked: 61,
    queries: () => [
      { query: "query ($n: Int) { tokens(first: $n) { totalCount } }", variables: { n: 60 } },
      { query: "query ($n: Int) { tokens(last: $n) { totalCount } }", variables: { n: 61 } },
    ],
    subscriptions: () => [live("storeApps(first: 60) { nodes { id } }"), live("storeApps(first: 61) { nodes { id } }")],
  },
  {
    kind: "listLength",
    limit: 3,
    asked: 4,
    queries: () => [
      { query: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables: ids(3) },
      { query: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables: ids(4) },
    ],
    subscriptions: () => [
      { query: "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id } }", variables: ids(3) },
      { query: "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id } }", variables: ids(4) },
    ],
  },
];

const ways = [
  ["POST", byPost, "queries"],
  ["GET", byGet, "queries"],
  ["a stream of events", byEventStream, "subscriptions"],
  ["WebSocket", bySocket, "subscriptions"],
] as const;

describe.each(cases)("the limit of $kind", ({ kind, limit, asked, ...operations }) => {
  test.each(ways)("lets the last through and refuses the first beyond it, over %s", async (_, send, sort) => {
    const [allowed, refused] = operations[sort]();
    const served = await send(api.url, allowed);
    expect(served.errors).toEqual([]);
    expect(served.data).not.toBeNull();
    const statements = vi.spyOn(api.dataSource, "query");
    const answer = await send(api.url, refused);
    // A subscription that was left may read to the end of its turn.
    if (sort === "queries") expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
    const details = { kind, limit, ...(asked !== undefined && { asked }) };
    expect(answer).toMatchObject({ data: null, errors: [{ code: "LIMIT_EXCEEDED", details }] });
    if (answer.status !== null) expect(answer.status).toBe(400);
  });
});

test("what an operation costs is counted to its very edge, and anew for other variables", async () => {
  const own = await startApi(api.database, { limits: { ...DEFAULT_LIMITS, cost: 201 } });
  const send = (n: unknown) =>
    byPost(own.url, { query: "query ($n: Int) { tokens(first: $n) { nodes { id } } }", variables: { n } });
  expect((await send(100)).errors).toEqual([]);
  expect(await send(101)).toMatchObject({ errors: [{ details: { kind: "cost", limit: 201, asked: 203 } }] });
  expect((await send(100)).errors).toEqual([]);
  expect((await send("many")).errors).toMatchObject([{ code: "INVALID_INPUT" }]);
  expect(await send(101)).toMatchObject({ errors: [{ code: "LIMIT_EXCEEDED" }] });
  await own.close();
});

describe("what a subscription costs, each time that it tells of an object,", () => {
  const DEPLOYMENTS = "installations(first: 500) { nodes { id state reason detail remedy } }";
  const follow = (query: string, variables: Record<string, unknown> = {}) => ({ query, variables });
  const cost = (asked: number) => ({
    data: null,
    errors: [{ code: "LIMIT_EXCEEDED", details: { kind: "cost", limit: 201, asked } }],
  });

  test.each([
    ["a stream of events", byEventStream],
    ["WebSocket", bySocket],
  ])("counts as often as it may begin with one, over %s", async (_, send) => {
    const token = encodeGlobalId("Token", app.tokenId);
    const all = "subscription ($token: ID) { tokenHealthChanged(token: $token) { id name platform } }";
    expect((await send(api.url, follow(all, { token }))).errors).toEqual([]);
    // As many as a page holds at most; also of a variable that was given, and allowed, before.
    for (const variables of [{ token: null }, {}]) {
      expect(await send(api.url, follow(all, variables))).toMatchObject(cost(4 * LIMITS.pageSize));
    }
    const events = `subscription { licenseEvents(token: "${token}") { kind at cause } }`;
    expect(await send(api.url, follow(events))).toMatchObject(cost(4 * LIMITS.pageSize));
    const some = (size: number) =>
      `subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id token { storeApps(first: ${size}) { nodes { id name adamId } } } } }`;
    expect((await send(api.url, follow(some(15), ids(3)))).errors).toEqual([]);
    expect(await send(api.url, follow(some(16), ids(3)))).toMatchObject(cost(3 * 68));
  });

  test("is refused where a query for as much would be", async () => {
    const usual = await startApi(api.database);
    for (const [send, query] of [
      [bySocket, `subscription { deploymentChanged { ${DEPLOYMENTS} } }`],
      [byPost, `{ deployments(first: 500) { nodes { ${DEPLOYMENTS} } } }`],
    ] as const) {
      expect((await send(usual.url, { query })).errors).toMatchObject([
        { code: "LIMIT_EXCEEDED", details: { kind: "cost" } },
      ]);
    }
    await usual.close();
  });
});

describe("what was cheap enough once does not make dear what", () => {
  test.each([
    [
      "gives null to a variable that had a default",
      "query ($n: Int = 1) { tokens(first: $n) { nodes { storeApps(first: $n) { nodes { id } } } } }",
      {},
      { n: null },
    ],
    [
      "gives its list to another variable",
      "query ($a: [ID!]!, $b: [ID!]!) { few: nodes(ids: $a) { id } many: nodes(ids: $b) { ... on Token { storeApps { nodes { id } } } } }",
      { a: Array.from({ length: 40 }, () => "id"), b: "id" },
      { a: "id", b: Array.from({ length: 40 }, () => "id") },
    ],
  ])("%s", async (_, query, cheap, dear) => {
    const own = await startApi(api.database, { limits: { ...DEFAULT_LIMITS, cost: 1_000 } });
    expect((await byPost(own.url, { query, variables: cheap })).errors).toEqual([]);
    const { errors } = await byPost(own.url, { query, variables: dear });
    expect(errors).toMatchObject([{ code: "LIMIT_EXCEEDED", details: { kind: "cost" } }]);
    await own.close();
  });
});

const HISTORY = "licenseHistory(from: $from) { day }";

test.each([
  ["POST", byPost, `query ($from: DateTime = "2026-01-01T00:00:00Z") { storeApps(first: 1) { nodes { ${HISTORY} } } }`],
  [
    "WebSocket",
    bySocket,
    `subscription ($from: DateTime = "2026-01-01T00:00:00Z") { tokenHealthChanged { storeApps(first: 1) { nodes { ${HISTORY} } } } }`,
  ],
])(
  "a null where an argument needs a value has all refused, so that no cost is left uncounted, over %s",
  async (_, send, query) => {
    const statements = vi.spyOn(api.dataSource, "query");
    const { data, errors } = await send(api.url, { query, variables: { from: null } });
    expect({ data, errors }).toMatchObject({ data: null, errors: [{ code: "INVALID_INPUT" }] });
    expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
  },
);

describe("the limit of a body", () => {
  const sized = (bytes: number) => {
    const bare = JSON.stringify({ query: "{ tokens { totalCount } }", variables: { pad: "" } });
    return bare.replace('"pad":""', `"pad":"${"x".repeat(bytes - bare.length)}"`);
  };
  const send = (body: string) =>
    fetch(`${api.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${API_KEY}` },
      body,
    });

  test("lets the last byte through and refuses the first beyond it with 413", async () => {
    expect((await send(sized(2_048))).status).toBe(200);
    const refused = await send(sized(2_049));
    expect([refused.status, await refused.json()]).toMatchObject([
      413,
      {
        errors: [
          { extensions: { code: "LIMIT_EXCEEDED", details: { kind: "bodyBytes", limit: 2_048, asked: 2_049 } } },
        ],
      },
    ]);
  });

  test("holds for a message over WebSocket, whose socket is closed with 1009", async () => {
    const send = async (bytes: number) => {
      const socket = new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
      await once(socket, "open");
      const bare = JSON.stringify({
        type: "connection_init",
        payload: { authorization: `Bearer ${API_KEY}`, pad: "" },
      });
      socket.send(bare.replace('"pad":""', `"pad":"${"x".repeat(bytes - bare.length)}"`));
      const came = await Promise.race([once(socket, "message"), once(socket, "close")]);
      socket.terminate();
      return came[0];
    };
    expect(String(await send(2_048))).toBe(JSON.stringify({ type: "connection_ack" }));
    expect(await send(2_049)).toBe(1009);
  });
});

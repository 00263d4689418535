import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Token } from "../../src/entities/token.js";
import { SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";
import { forget } from "../support/forget.js";

let api: TestApi;
let token: Token;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await forget(api.dataSource, "token");
  token = await new SampleRows(api.dataSource).token();
});

interface StoreAppPage {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly adamId: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

const QUERY = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: StoreAppFilter, $orderBy: StoreAppOrder) {
  storeApps(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { adamId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;

async function page(variables: Record<string, unknown>): Promise<StoreAppPage> {
  const { data, errors } = await api.ask(QUERY, variables);
  expect(errors).toEqual([]);
  return (data as { storeApps: StoreAppPage }).storeApps;
}

const idsOf = ({ edges }: StoreAppPage) => edges.map(({ node }) => node.adamId);

/** Many apps of one name, and some without any: every order of them has ties. */
async function insertTyingApps(): Promise<void> {
  const rows = new SampleRows(api.dataSource);
  const names = ["Calendar", "Maps", "Maps", "Maps", "Maps", "Notes", "Notes", null, null, null, null];
  for (const [at, name] of names.entries())
    await rows.storeApp(token, { name, adamId: `${1000 + at}`, totalCount: at % 2 });
}

const ORDERS = ["NAME", "TOTAL_COUNT"].flatMap((field) => ["ASC", "DESC"].map((direction) => ({ field, direction })));
const WALKS = ORDERS.flatMap((orderBy) => [1, 2, 3, 4].map((size) => ({ orderBy, size })));

describe("paging over rows that tie, some without a value", () => {
  test.each(WALKS)("forth gives every row once and in order: %j", async ({ orderBy, size }) => {
    await insertTyingApps();
    const whole = idsOf(await page({ orderBy, first: 500 }));
    const met: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { pageInfo, ...rest } = await page({ orderBy, first: size, after });
      met.push(...idsOf({ pageInfo, ...rest }));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(met).toEqual(whole);
    expect(new Set(met).size).toBe(11);
  });

  test.each(WALKS)("back gives every row once and in order: %j", async ({ orderBy, size }) => {
    await insertTyingApps();
    const whole = idsOf(await page({ orderBy, first: 500 }));
    const met: string[] = [];
    for (let before: string | null = null, more = true; more; ) {
      const { pageInfo, ...rest } = await page({ orderBy, last: size, before });
      met.unshift(...idsOf({ pageInfo, ...rest }));
      expect(pageInfo.hasNextPage).toBe(before !== null);
      before = pageInfo.startCursor;
      more = pageInfo.hasPreviousPage;
    }
    expect(met).toEqual(whole);
  });

  test.each(ORDERS)("gives just what lies between two cursors: %j", async (orderBy) => {
    await insertTyingApps();
    const whole = await page({ orderBy, first: 500 });
    const after = whole.edges[2]?.cursor;
    const before = whole.edges[8]?.cursor;
    const between = await page({ orderBy, first: 500, after, before });
    expect(idsOf(between)).toEqual(idsOf(whole).slice(3, 8));
    expect(idsOf(await page({ orderBy, last: 2, after, before }))).toEqual(idsOf(whole).slice(6, 8));
  });
});

describe("an order", () => {
  test("has rows without a value last when ascending and first when descending", async () => {
    await insertTyingApps();
    const nameless = ["1007", "1008", "1009", "1010"];
    const ascending = idsOf(await page({ orderBy: { field: "NAME" } }));
    const descending = idsOf(await page({ orderBy: { field: "NAME", direction: "DESC" } }));
    expect(ascending.slice(-4)).toEqual(nameless);
    expect(descending).toEqual([...ascending].reverse());
  });
});

describe("a page's cursor", () => {
  test.each([
    "hello",
    "",
    "bnVsbA",
    Buffer.from('["storeAppList name token_id id ASC","a",1,2]').toString("base64url"),
  ])("is INVALID_INPUT when it is not one of ours: %j", async (after) => {
    const answer = await api.ask(QUERY, { after });
    if (after === "") expect(answer.errors).toEqual([]);
    else expect(answer.errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
  });

  test("is INVALID_INPUT in another order, filter or list", async () => {
    await insertTyingApps();
    const after = (await page({ first: 1 })).pageInfo.endCursor;
    const descending = await api.ask(QUERY, { after, orderBy: { field: "NAME", direction: "DESC" } });
    const filtered = await api.ask(QUERY, { after, filter: { token: token.globalId } });
    const elsewhere = await api.ask("query ($after: String) { tokens(after: $after) { edges { cursor } } }", { after });
    for (const { errors } of [descending, filtered, elsewhere]) {
      expect(errors).toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    }
  });
});

describe("a page's size", () => {
  test.each([
    [{ first: 501 }, "LIMIT_EXCEEDED"],
    [{ last: 501 }, "LIMIT_EXCEEDED"],
    [{ first: -1 }, "INVALID_INPUT"],
    [{ first: 1, last: 1 }, "INVALID_INPUT"],
  ])("is refused: %j is %s", async (size, code) => {
    expect((await api.ask(QUERY, size)).errors).toMatchObject([{ extensions: { code } }]);
  });

  test("may be 500, and none at all", async () => {
    await insertTyingApps();
    expect((await page({ first: 500 })).edges).toHaveLength(11);
    const none = await page({ first: 0 });
    expect(none).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, endCursor: null }, totalCount: 11 });
  });
});

test("a page's `nodes` are those of its edges", async () => {
  await insertTyingApps();
  const { data } = await api.ask("{ storeApps(first: 3) { edges { node { adamId } } nodes { adamId } } }");
  const { storeApps } = data as { storeApps: { edges: { node: unknown }[]; nodes: unknown[] } };
  expect(storeApps.nodes).toHaveLength(3);
  expect(storeApps.nodes).toEqual(storeApps.edges.map(({ node }) => node));
});

describe("filters", () => {
  test("combine, and the total counts what meets them on all pages", async () => {
    await insertTyingApps();
    const found = await page({ first: 1, filter: { nameContains: "MAP", token: token.globalId } });
    expect(found).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    expect((await page({ filter: { nameContains: "MAP", adamId: "1002" } })).totalCount).toBe(1);
    expect((await page({ filter: { nameContains: "%" } })).totalCount).toBe(0);
  });

  test("that name something unknown are NOT_FOUND", async () => {
    const answer = await api.ask(QUERY, { filter: { token: "hello" } });
    expect(answer.errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });
});

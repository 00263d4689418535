import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProductType, UNLIMITED } from "../../src/entities/store-app.js";
import { MOMENT } from "../http/sample-rows.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

describe("store apps", () => {
  test("are listed without the books, which are there for who asks for them", async () => {
    const token = await api.rows.token();
    await api.rows.storeApp(token, { name: "App" });
    const book = await api.rows.storeApp(token, { name: "Book", productType: ProductType.BOOK });
    const QUERY = `query ($token: ID!, $filter: StoreAppFilter) {
      token(id: $token) { storeApps(filter: $filter) { totalCount nodes { name } } }
      storeApps(filter: $filter) { nodes { name } }
    }`;
    type Names = { nodes: { name: string }[] };
    const list = async (filter: object | null) =>
      (await api.read(QUERY, { token: token.globalId, filter })) as { token: { storeApps: Names }; storeApps: Names };
    const { token: apart, storeApps } = await list(null);
    expect(apart).toEqual({ storeApps: { totalCount: 1, nodes: [{ name: "App" }] } });
    expect(storeApps.nodes).not.toContainEqual({ name: "Book" });
    const books = await list({ productType: "BOOK" });
    expect(books.token).toEqual({ storeApps: { totalCount: 1, nodes: [{ name: "Book" }] } });
    expect(await api.read("query ($id: ID!) { storeApp(id: $id) { name } }", { id: book.globalId })).toEqual({
      storeApp: { name: "Book" },
    });
  });

  test("without a bound show none, nor in what is told of their stock", async () => {
    const app = await api.rows.storeApp(await api.rows.token(), { totalCount: UNLIMITED, availableCount: UNLIMITED });
    await api.rows.stockChange(app, { totalBefore: 4, totalAfter: UNLIMITED });
    const QUERY = `query ($id: ID!) { storeApp(id: $id) {
      unlimited totalCount availableCount freeCount stockChanges { nodes { totalBefore totalAfter } }
    } }`;
    expect(await api.read(QUERY, { id: app.globalId })).toEqual({
      storeApp: {
        unlimited: true,
        totalCount: null,
        availableCount: null,
        freeCount: null,
        stockChanges: { nodes: [{ totalBefore: 4, totalAfter: null }] },
      },
    });
  });

  test("say what is the matter with their counts while it is, and are found by it", async () => {
    const token = await api.rows.token();
    const [odd, mended] = [
      await api.rows.storeApp(token, { name: "Odd" }),
      await api.rows.storeApp(token, { name: "Mended" }),
    ];
    await api.rows.mismatch(odd);
    await api.rows.mismatch(mended, { clearedAt: MOMENT });
    const QUERY = `query ($filter: StoreAppFilter) { storeApps(filter: $filter) { totalCount nodes { name warning } } }`;
    const list = (hasWarning: boolean | null) => api.read(QUERY, { filter: { token: token.globalId, hasWarning } });
    const warned = { name: "Odd", warning: "Apple counts 2 in use, and shows 3 holders." };
    const sound = { name: "Mended", warning: null };
    expect(await list(null)).toEqual({ storeApps: { totalCount: 2, nodes: [sound, warned] } });
    expect(await list(true)).toEqual({ storeApps: { totalCount: 1, nodes: [warned] } });
    expect(await list(false)).toEqual({ storeApps: { totalCount: 1, nodes: [sound] } });
  });
});

test("changes of stock are told the newest first, of one app or token, within a time", async () => {
  const token = await api.rows.token();
  const [app, other] = [await api.rows.storeApp(token), await api.rows.storeApp(token)];
  const at = (minutes: number) => new Date(MOMENT.getTime() + minutes * 60_000);
  for (const minutes of [0, 2, 1]) await api.rows.stockChange(app, { totalAfter: minutes, seenAt: at(minutes) });
  await api.rows.stockChange(other, { totalAfter: 9, seenAt: at(1) });
  const QUERY = `query ($filter: StockChangeFilter) { stockChanges(filter: $filter) { totalCount nodes { totalAfter } } }`;
  const totals = async (filter: object) => {
    const { stockChanges } = (await api.read(QUERY, { filter })) as {
      stockChanges: { nodes: { totalAfter: number }[] };
    };
    return stockChanges.nodes.map(({ totalAfter }) => totalAfter);
  };
  expect(await totals({ storeApp: app.globalId })).toEqual([2, 1, 0]);
  expect(await totals({ token: token.globalId, since: at(1), before: at(2) })).toEqual([9, 1]);
});

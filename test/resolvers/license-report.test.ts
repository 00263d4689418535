import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { InstallationState } from "../../src/entities/installation.js";
import { ProductType, UNLIMITED } from "../../src/entities/store-app.js";
import type { Token } from "../../src/entities/token.js";
import { MOMENT } from "../http/sample-rows.js";
import { recordStatements } from "../support/record-statements.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

describe("the licence report", () => {
  test("sums what Apple lists, leaves unlimited items out of the totals, and says as of when", async () => {
    const token = await api.rows.token();
    const counts = { totalCount: 10, assignedCount: 4, availableCount: 5, retiredCount: 1, heldCount: 6 };
    const later = new Date(MOMENT.getTime() + 60_000);
    const app = await api.rows.storeApp(token, { name: "A", ...counts, countsAt: later });
    await api.rows.storeApp(token, { name: "B", totalCount: 3, availableCount: 3 });
    await api.rows.storeApp(token, { name: "C", totalCount: UNLIMITED, availableCount: UNLIMITED, heldCount: 2 });
    await api.rows.storeApp(token, { name: "D", totalCount: 100, unlistedAt: MOMENT });
    await api.rows.storeApp(token, { name: "E", totalCount: 7, availableCount: 7, productType: ProductType.BOOK });
    const deployment = await api.rows.deployment(app, await api.rows.target(), await api.rows.collection());
    const device = await api.rows.device();
    await api.rows.installation(deployment, { deviceId: device.id, state: InstallationState.WAITING_FOR_LICENSE });
    const data = await api.read(
      `query ($token: ID) { licenseReport(token: $token) {
        asOf totals { apps bought assigned held free waiting retired }
        apps { totalCount edges { node { name bought assigned held free waiting retired unlimited token { name } storeApp { name } } } }
      } }`,
      { token: token.globalId },
    );
    const edge = (node: Record<string, unknown>) => ({ node: expect.objectContaining(node) });
    expect(data).toMatchObject({
      licenseReport: {
        asOf: MOMENT.toISOString(),
        totals: { apps: 2, bought: 13, assigned: 4, held: 6, free: 6, waiting: 1, retired: 1 },
        apps: {
          totalCount: 3,
          edges: [
            edge({ name: "A", bought: 10, assigned: 4, held: 6, free: 3, waiting: 1, retired: 1, unlimited: false }),
            edge({ name: "B", bought: 3, free: 3, waiting: 0 }),
            edge({ name: "C", bought: null, held: 2, free: null, unlimited: true }),
          ],
        },
      },
    });
  });

  test("keeps books apart: it is about them only if they are asked for", async () => {
    const token = await api.rows.token();
    await api.rows.storeApp(token, { name: "App" });
    await api.rows.storeApp(token, { name: "Book", totalCount: 7, availableCount: 7, productType: ProductType.BOOK });
    const QUERY = `query ($token: ID) { licenseReport(token: $token, productType: BOOK) {
      productType totals { apps bought } apps(filter: { productType: APP }) { nodes { name } }
    } }`;
    expect(await api.read(QUERY, { token: token.globalId })).toEqual({
      licenseReport: { productType: "BOOK", totals: { apps: 1, bought: 7 }, apps: { nodes: [{ name: "Book" }] } },
    });
  });

  test("is as of the last sync that found its counts unchanged, of the token that was synced the longest ago", async () => {
    const minutes = (count: number) => new Date(MOMENT.getTime() + count * 60_000);
    const asOf = async (token?: Token) => {
      const data = await api.read("query ($token: ID) { licenseReport(token: $token) { asOf } }", {
        token: token?.globalId ?? null,
      });
      return (data as { licenseReport: { asOf: string } }).licenseReport.asOf;
    };
    const synced = await api.rows.token({ lastSyncAt: minutes(5) });
    await api.rows.storeApp(synced);
    await api.rows.storeApp(synced, { countsAt: minutes(7) });
    const never = await api.rows.token({ lastSyncAt: null });
    await api.rows.storeApp(never, { countsAt: minutes(-9000) });
    expect(await asOf(synced)).toBe(minutes(5).toISOString());
    expect(await asOf(never)).toBe(minutes(-9000).toISOString());
    expect(await asOf()).toBe(minutes(-9000).toISOString());
  });

  test.each([true, false])(
    "adds up only when a sum is asked for, and once for all of them; fast path: %s",
    async (fastPath) => {
      const own = await startSampleApi(undefined, fastPath);
      onTestFinished(() => own.close());
      const sumsOf = async (fields: string) => {
        const { statements } = await recordStatements(() => own.read(`{ licenseReport { ${fields} } }`));
        return statements.filter(({ text }) => text.includes("sum(app.total_count)")).length;
      };
      expect(await sumsOf("productType apps(first: 1) { totalCount nodes { name } }")).toBe(0);
      expect(await sumsOf("asOf totals { bought }")).toBe(1);
    },
  );

  test.each([true, false])("is of no token where its id is empty, not of all; fast path: %s", async (fastPath) => {
    const own = await startSampleApi(undefined, fastPath);
    onTestFinished(() => own.close());
    const { errors } = await own.ask('{ licenseReport(token: "") { totals { apps } } }');
    expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND" } }]);
  });

  test("is empty without apps", async () => {
    const token = await api.rows.token();
    const QUERY =
      "query ($token: ID) { licenseReport(token: $token) { asOf totals { apps bought free } apps { totalCount } } }";
    expect(await api.read(QUERY, { token: token.globalId })).toEqual({
      licenseReport: { asOf: null, totals: { apps: 0, bought: 0, free: 0 }, apps: { totalCount: 0 } },
    });
  });
});

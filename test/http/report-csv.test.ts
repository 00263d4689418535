import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProductType, UNLIMITED } from "../../src/entities/store-app.js";
import type { Token } from "../../src/entities/token.js";
import { DEFAULT_LIMITS } from "../../src/http/limits/limits.js";
import { FURTHER_PAGE } from "../../src/http/report-csv-route.js";
import { recordStatements } from "../support/record-statements.js";
import { createKey } from "./create-key.js";
import { MOMENT, SampleRows } from "./sample-rows.js";
import { API_KEY, startApi, type TestApi } from "./start-api.js";

/** More than two of the pages that the table is made from. */
const MANY = 1_234;

let api: TestApi;
let rows: SampleRows;
let odd: Token;

beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
  const large = await rows.token({ name: "Large" });
  await api.dataSource.query(
    `INSERT INTO store_app (token_id, adam_id, product_type, name, device_assignable, revocable, total_count, assigned_count,
                            available_count, retired_count, counts_at)
     SELECT $1, at::text, 'APP', 'App ' || at, true, true, at, 0, at, 0, $2 FROM generate_series(1, ${MANY}) AS at`,
    [large.id, MOMENT],
  );
  odd = await rows.token({ name: '=Odd, and "quoted"' });
});
afterAll(() => api.close());

const get = (query = "", headers: Record<string, string> = { authorization: `Bearer ${API_KEY}` }) =>
  fetch(`${api.url}/report.csv${query}`, { headers });

async function table(query = ""): Promise<Record<string, string>[]> {
  const response = await get(query);
  expect(response.status).toBe(200);
  return parse(await response.text(), { columns: true, bom: true, record_delimiter: "\r\n" });
}

const ofToken = (token: Token) => `?token=${encodeURIComponent(token.globalId)}`;
const code = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, errors[0]?.extensions.code];
};

describe("/report.csv", () => {
  test("has every row of licenseReport, in its order, with the same values", async () => {
    const told: Record<string, unknown>[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await api.ask(
        `query ($after: String) { licenseReport { apps(first: 500, after: $after) {
           nodes { name adamId token { name } bought assigned held free waiting retired unlimited countsAt }
           pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
      const { apps } = (
        data as { licenseReport: { apps: { nodes: []; pageInfo: { hasNextPage: boolean; endCursor: string } } } }
      ).licenseReport;
      told.push(...apps.nodes);
      after = apps.pageInfo.endCursor;
      more = apps.pageInfo.hasNextPage;
    }
    const asText = told.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          name === "token" ? (value as Token).name : String(value ?? ""),
        ]),
      ),
    );
    expect(asText.length).toBeGreaterThanOrEqual(MANY);
    expect(await table()).toEqual(asText);
  });

  test("is a file with the day in its name, in UTF-8 that spreadsheets know for it", async () => {
    const response = await get();
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    const today = new Date().toISOString().slice(0, 10);
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="licence-report-${today}.csv"`);
    expect([...new Uint8Array(await response.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
    "has nothing that a spreadsheet would compute: %j",
    async (name) => {
      const token = await rows.token();
      await rows.storeApp(token, { name });
      expect(await table(ofToken(token))).toMatchObject([{ name: `'${name}` }]);
    },
  );

  test("quotes as RFC 4180 says, and has no number where there is no limit", async () => {
    await rows.storeApp(odd, {
      name: 'Two lines,\r\n"one" app',
      adamId: "42",
      totalCount: UNLIMITED,
      availableCount: UNLIMITED,
    });
    const text = await (await get(ofToken(odd))).text();
    expect(text).toBe(
      "name,adamId,token,bought,assigned,held,free,waiting,retired,unlimited,countsAt\r\n" +
        `"Two lines,\r\n""one"" app",42,"'=Odd, and ""quoted""",,0,0,,0,0,true,${MOMENT.toISOString()}\r\n`,
    );
  });

  test("is of the books, if they are asked for", async () => {
    const token = await rows.token();
    await rows.storeApp(token, { name: "A book", productType: ProductType.BOOK });
    expect(await table(ofToken(token))).toEqual([]);
    expect(await table(`${ofToken(token)}&productType=BOOK`)).toMatchObject([{ name: "A book" }]);
  });

  test("is refused as the API refuses: without a key, with a wrong one, for no token, and for what is no product", async () => {
    expect(await code(await get("", {}))).toEqual([401, "UNAUTHENTICATED"]);
    expect(await code(await get("", { authorization: "Bearer wrong" }))).toEqual([401, "UNAUTHENTICATED"]);
    expect(await code(await get("?token=nothing"))).toEqual([404, "NOT_FOUND"]);
    expect(await code(await get("?token="))).toEqual([404, "NOT_FOUND"]);
    expect(await code(await get("?productType=FILM"))).toEqual([400, "INVALID_INPUT"]);
  });

  test("is no file where it is refused", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await fetch(`${api.url}/report.csv`, { method });
      expect([status, headers.get("content-disposition")]).toEqual([401, null]);
      expect(headers.get("content-type")).toContain("application/json");
    }
  });

  test("has for a team's key the apps of the team's tokens alone", async () => {
    const token = await rows.token({ teams: ["north"] });
    await rows.storeApp(token, { name: "North's own" });
    const { headers } = await createKey(api, { role: "VIEWER", teams: ["north"] });
    const told = parse(await (await get("", headers)).text(), { columns: true, bom: true });
    expect(told).toMatchObject([{ name: "North's own" }]);
  });

  test("is one request, however many pages it is made from", async () => {
    const { headers } = await createKey(api, { role: "VIEWER" });
    const replica = await startApi(api.database, { limits: { ...DEFAULT_LIMITS, requestsPerMinute: 2 } });
    const ask = () => fetch(`${replica.url}/report.csv`, { headers });
    for (let time = 0; time < 2; time += 1) {
      expect(parse(await (await ask()).text(), { columns: true, bom: true }).length).toBeGreaterThanOrEqual(MANY);
    }
    expect(await code(await ask())).toEqual([429, "LIMIT_EXCEEDED"]);
    const pretended = { ...headers, [FURTHER_PAGE]: "a guess", "apollo-require-preflight": "yes" };
    expect((await fetch(`${replica.url}/graphql?query={__typename}`, { headers: pretended })).status).toBe(429);
    await replica.close();
  });

  test("is not read for who asks for its headers alone", async () => {
    const head = (headers: Record<string, string>) => fetch(`${api.url}/report.csv`, { method: "HEAD", headers });
    const { result, statements } = await recordStatements(() => head({ authorization: `Bearer ${API_KEY}` }));
    expect([result.status, await result.text()]).toEqual([200, ""]);
    for (const name of ["content-type", "content-disposition"]) {
      expect(result.headers.get(name)).toBe((await get()).headers.get(name));
    }
    expect(statements.map(({ text }) => text).filter((text) => text.includes("LIMIT 50"))).toEqual([]);
    expect((await head({})).status).toBe(401);
  });

  test("is cut off, not ended, when a later page fails", async () => {
    // One statement for a whole page would not go through `query`.
    const replica = await startApi(api.database, { fastPath: false });
    let pages = 0;
    const { dataSource } = replica;
    const query = dataSource.query.bind(dataSource);
    dataSource.query = ((text: string, ...rest: never[]) => {
      if (/FROM .*store_app/s.test(text) && /LIMIT 501/.test(text) && ++pages === 2) throw new Error("away");
      return query(text, ...rest);
    }) as typeof dataSource.query;
    const response = await fetch(`${replica.url}/report.csv`, { headers: { authorization: `Bearer ${API_KEY}` } });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    dataSource.query = query;
    await replica.close();
  });
});

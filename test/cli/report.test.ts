import { PassThrough } from "node:stream";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Api } from "../../src/cli/api/connect-api.js";
import { readReport } from "../../src/cli/report/read-report.js";
import { writeTable } from "../../src/cli/report/write-table.js";
import { rows } from "../../src/queries/sql.js";
import { addToken } from "../flows/story.js";
import { eventually } from "../support/eventually.js";
import { runCommand } from "../support/run-command.js";
import { startTestService, type TestService } from "../support/service.js";

/** More than a page of the API; a few of them are books. */
const PRODUCTS = 620;

interface Row {
  readonly name: string;
  readonly adamId: string;
  readonly bought: number | null;
  readonly assigned: number;
  readonly free: number | null;
}

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ apple: { apps: PRODUCTS, licenses: 2000, users: 3, assigned: 40 } });
  await addToken(service.api, service.apple.tokenFile);
  const { dataSource } = service.database;
  const isNamed = async () => (await rows(dataSource, "SELECT 1 FROM store_app WHERE name IS NULL")).length === 0;
  await eventually(async () => ((await isNamed()) ? true : null));
  await dataSource.query(
    `UPDATE store_app SET name = '=HYPERLINK("http://example.com")'
     WHERE id = (SELECT min(id) FROM store_app WHERE product_type = 'APP')`,
  );
});
afterAll(() => service.stop());

const report = (...args: string[]) =>
  runCommand(["report", ...args], { ALLOTMENT_URL: service.url, ALLOTMENT_API_KEY: service.adminApiKey });

async function appCount(): Promise<number> {
  return (await rows(service.database.dataSource, "SELECT 1 FROM store_app WHERE product_type = 'APP'")).length;
}

/** What the API itself says. */
async function totals(): Promise<Record<string, number>> {
  const query = "query { licenseReport { totals { apps bought assigned held free waiting retired } } }";
  return (await service.api.ask<{ licenseReport: { totals: Record<string, number> } }>(query)).licenseReport.totals;
}

describe("allotment report", () => {
  it("prints every app as JSON, page by page, with the sums of the API", async () => {
    const { status, stdout } = await report("--format", "json");
    expect(status).toBe(0);
    const printed = JSON.parse(stdout) as { totals: Record<string, number>; apps: Row[] };
    expect(printed.totals).toEqual(await totals());
    expect(new Set(printed.apps.map(({ adamId }) => adamId)).size).toBe(await appCount());
    const sum = printed.apps.reduce((all, { bought }) => all + (bought ?? 0), 0);
    expect(sum).toBe(printed.totals.bought);
  });

  it("has the sums added up once, however many pages there are", async () => {
    const answers: object[] = [];
    const api: Api = {
      async ask<Data>(operation: string, variables?: Readonly<Record<string, unknown>>) {
        const data = await service.api.ask<Data & { readonly licenseReport: object }>(operation, { ...variables });
        answers.push(data.licenseReport);
        return data;
      },
    };
    const read = await readReport(api, { token: null, search: null, productType: "APP", limit: null });
    const names = new Set<string>();
    for await (const { adamId } of read.rows) names.add(adamId);
    expect(names.size).toBe(await appCount());
    expect(read.totals).toEqual(await totals());
    expect(answers.map((answer) => "totals" in answer)).toEqual([true, false]);
  });

  it("prints the same rows as CSV, and nothing that a spreadsheet would run", async () => {
    const { status, stdout } = await report("--format", "csv");
    expect(status).toBe(0);
    const lines = parse(stdout, { columns: true }) as Record<string, string>[];
    expect(stdout).toMatch(/^name,adamId,token,bought,assigned,held,free,waiting,retired,unlimited,countsAt\r\n/);
    expect(lines.length).toBe(await appCount());
    expect(lines.filter(({ name }) => /^[=+\-@]/.test(name ?? ""))).toEqual([]);
    expect(lines.map(({ name }) => name)).toContain('\'=HYPERLINK("http://example.com")');
    const assigned = lines.reduce((all, row) => all + Number(row.assigned), 0);
    expect(assigned).toBeGreaterThanOrEqual((await totals()).assigned ?? Number.NaN);
  });

  it("prints a table for people, with as many apps as they ask for and the sums of all", async () => {
    const { status, stdout } = await report("--limit", "3");
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^App +Token +bought +used +free +waiting$/);
    expect(lines.slice(1, 4).every((line) => /Head office +(\d+|∞) +\d+ +(\d+|∞) +0$/.test(line))).toBe(true);
    const { bought, assigned, free } = await totals();
    expect(lines[5]).toMatch(new RegExp(`: ${bought} bought, ${assigned} used, ${free} free, 0 waiting\\.$`));
  });

  it("prints the table while it reads, and takes room where a later app needs it", async () => {
    const totals = { apps: 501, bought: 501, assigned: 0, held: 0, free: 501, waiting: 0, retired: 0 };
    const row = { adamId: "1", bought: 1, assigned: 0, held: 0, free: 1, waiting: 0, retired: 0, unlimited: false };
    const app = (name: string) => ({
      ...row,
      name,
      countsAt: "2030-01-02T03:04:05.678Z",
      token: { name: "Head office" },
    });
    const output = new PassThrough({ encoding: "utf8" });
    let printed = "";
    output.on("data", (text: string) => {
      printed += text;
    });
    async function* apps() {
      for (let at = 0; at < 500; at += 1) yield app("地図");
      await vi.waitFor(() => expect(printed.match(/^地図 {2}Head office {7}1 {5}0 {5}1 {8}0$/gm)).toHaveLength(500));
      yield app("A longer name");
    }
    await writeTable({ asOf: null, totals, rows: apps() }, output);
    expect(printed).toMatch(/\nA longer name {2}Head office {7}1 {5}0 {5}1 {8}0\n\nAll 501 apps/);
  });

  it("prints only apps of one token whose name contains a text", async () => {
    const { stdout } = await report("--format", "json", "--token", "Head office", "--search", "HYPERLINK");
    expect((JSON.parse(stdout) as { apps: Row[] }).apps).toHaveLength(1);
  });

  it("says so when there is nothing to show", async () => {
    expect(await report("--search", "no app is called so")).toMatchObject({
      status: 0,
      stdout: "There are no apps to show.\n",
    });
  });

  it("ends with 2 for a format or a number that makes no sense", async () => {
    expect((await report("--format", "xml")).status).toBe(2);
    expect((await report("--limit", "none")).status).toBe(2);
  });
});

import type { Api } from "./api.js";
import { say } from "./progress.js";

/** One app of the licence report. */
export interface ReportRow {
  readonly adamId: string;
  readonly name: string | null;
  readonly bought: number | null;
  readonly assigned: number;
  readonly held: number;
  readonly free: number | null;
  readonly waiting: number;
}

const COLUMNS = ["App", "bought", "used", "free", "waiting"] as const;

export async function readReport(api: Api, token: string): Promise<ReportRow[]> {
  const { licenseReport } = await api.ask<{ licenseReport: { apps: { edges: { node: ReportRow }[] } } }>(
    `query ($token: ID!) { licenseReport(token: $token) { apps(first: 100) { edges { node {
       adamId name bought assigned held free waiting } } } } }`,
    { token },
  );
  return licenseReport.apps.edges.map((edge) => edge.node);
}

/** Prints the licence report as a table. */
export function printReport(title: string, report: readonly ReportRow[]): void {
  const lines = report.map((row) => [
    row.name ?? row.adamId,
    String(row.bought ?? "∞"),
    String(row.assigned),
    String(row.free ?? "∞"),
    String(row.waiting),
  ]);
  const widths = COLUMNS.map((column, index) =>
    Math.max(column.length, ...lines.map((line) => line[index]?.length ?? 0)),
  );
  const show = (cells: readonly string[]) =>
    `    ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join("  ")}`;
  say(`\n  ${title}`);
  say(show(COLUMNS));
  for (const line of lines) say(show(line));
  say("");
}

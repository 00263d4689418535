import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { Report, ReportRow } from "./read-report.js";

const COLUMNS: readonly { key: string; header: string }[] = [
  { key: "name", header: "name" },
  { key: "adamId", header: "adam_id" },
  { key: "token", header: "token" },
  { key: "bought", header: "bought" },
  { key: "assigned", header: "assigned" },
  { key: "held", header: "held" },
  { key: "free", header: "free" },
  { key: "waiting", header: "waiting" },
  { key: "retired", header: "retired" },
  { key: "countsAt", header: "counts_at" },
];

/** CSV of RFC 4180, which spreadsheets read. A name that they would take for a formula begins with an apostrophe. */
export async function writeCsv({ rows }: Report): Promise<void> {
  const lines = stringify({ header: true, columns: [...COLUMNS], escape_formulas: true, record_delimiter: "windows" });
  await pipeline(Readable.from(records(rows)), lines, process.stdout, { end: false });
}

async function* records(rows: AsyncIterable<ReportRow>) {
  for await (const row of rows) yield { ...row, token: row.token.name };
}

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { Report, ReportRow } from "./read-report.js";

/** Named as in the API, and as `/report.csv` of the service has them. */
const COLUMNS = [
  "name",
  "adamId",
  "token",
  ...["bought", "assigned", "held", "free", "waiting", "retired", "unlimited", "countsAt"],
];

/** CSV of RFC 4180, which spreadsheets read. A name that they would take for a formula begins with an apostrophe. */
export async function writeCsv({ rows }: Report): Promise<void> {
  const lines = stringify({
    header: true,
    columns: COLUMNS,
    escape_formulas: true,
    record_delimiter: "windows",
    cast: { boolean: String },
  });
  await pipeline(Readable.from(records(rows)), lines, process.stdout, { end: false });
}

async function* records(rows: AsyncIterable<ReportRow>) {
  for await (const row of rows) yield { ...row, token: row.token.name };
}

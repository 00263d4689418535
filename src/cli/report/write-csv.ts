import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { reportCsv } from "../../http/report-csv.js";
import type { Report } from "./read-report.js";

/** The same as `/report.csv` of the service, without the mark that only Excel wants. */
export async function writeCsv({ rows }: Report): Promise<void> {
  await pipeline(Readable.from(rows), reportCsv({ bom: false }), process.stdout, { end: false });
}

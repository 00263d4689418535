import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Report } from "./read-report.js";

/** One JSON object, an app a line, written while it is read. */
export async function writeJson(report: Report): Promise<void> {
  await pipeline(Readable.from(parts(report)), process.stdout, { end: false });
}

async function* parts({ asOf, totals, rows }: Report) {
  yield `{"asOf":${JSON.stringify(asOf)},"totals":${JSON.stringify(totals)},"apps":[`;
  let separator = "\n";
  for await (const row of rows) {
    yield `${separator}${JSON.stringify({ ...row, token: row.token.name })}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

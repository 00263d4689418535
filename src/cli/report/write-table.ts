import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PlainTable } from "../plain-table.js";
import type { Report, ReportRow } from "./read-report.js";

const HEAD = ["App", "Token", "bought", "used", "free", "waiting"];
const NUMBERS = [2, 3, 4, 5];
/** Rows that are printed at once. */
const PART = 500;

/** A table for people, written while it is read, with the sums of all apps under it. */
export async function writeTable(report: Report, output: Writable = process.stdout): Promise<void> {
  await pipeline(Readable.from(parts(report)), output, { end: false });
}

async function* parts({ asOf, totals, rows }: Report) {
  const table = new PlainTable(HEAD, NUMBERS);
  let read = 0;
  let part: string[][] = [];
  for await (const row of rows) {
    read += 1;
    if (part.push(cells(row)) < PART) continue;
    yield `${table.lines(part)}\n`;
    part = [];
  }
  if (read === 0) {
    yield "There are no apps to show.\n";
    return;
  }
  if (part.length > 0) yield `${table.lines(part)}\n`;
  const { apps, bought, assigned, free, waiting } = totals;
  yield `\nAll ${apps} apps with a number: ${bought} bought, ${assigned} used, ${free} free, ${waiting} waiting.\n`;
  if (asOf !== null) yield `Apple was last asked for the oldest of these counts at ${asOf}.\n`;
}

function cells({ name, adamId, token, bought, assigned, free, waiting }: ReportRow): string[] {
  const count = (number: number | null) => (number === null ? "∞" : String(number));
  return [name ?? adamId, token.name, count(bought), String(assigned), count(free), String(waiting)];
}

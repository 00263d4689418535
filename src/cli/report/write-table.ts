import { plainTable } from "../plain-table.js";
import type { Report, ReportRow } from "./read-report.js";

const HEAD = ["App", "Token", "bought", "used", "free", "waiting"];
const NUMBERS = [2, 3, 4, 5];

/** A table for people, with the sums of all apps under it. */
export async function writeTable({ asOf, totals, rows }: Report): Promise<void> {
  const lines: string[][] = [];
  for await (const row of rows) lines.push(cells(row));
  if (lines.length === 0) {
    console.log("There are no apps to show.");
    return;
  }
  console.log(plainTable(HEAD, lines, NUMBERS));
  const { apps, bought, assigned, free, waiting } = totals;
  console.log(
    `\nAll ${apps} apps with a number: ${bought} bought, ${assigned} used, ${free} free, ${waiting} waiting.`,
  );
  if (asOf !== null) console.log(`Apple was last asked for the oldest of these counts at ${asOf}.`);
}

function cells({ name, adamId, token, bought, assigned, free, waiting }: ReportRow): string[] {
  const count = (number: number | null) => (number === null ? "∞" : String(number));
  return [name ?? adamId, token.name, count(bought), String(assigned), count(free), String(waiting)];
}

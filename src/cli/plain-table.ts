import Table from "cli-table3";
import { plainText } from "./plain-text.js";

const NO_LINES = ["top", "bottom", "left", "right", "mid"].flatMap((side) => [side, ...cornersOf(side)]);

/** Lines alone, without a frame: they can be read aloud, searched and cut. */
const CHARS = { ...Object.fromEntries(NO_LINES.map((part) => [part, ""])), middle: "  " };

function cornersOf(side: string): string[] {
  return side === "top" || side === "bottom" ? [`${side}-mid`, `${side}-left`, `${side}-right`] : [`${side}-mid`];
}

/**
 * A table for people.
 * @param numbers the columns, counted from 0, that hold numbers
 */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (numbers.includes(column) ? "right" : "left")),
    chars: CHARS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => row.map(plainText)));
  return table.toString().replaceAll(/ +$/gm, "");
}

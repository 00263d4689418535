import { finished } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";

export type CopyValue = string | number | boolean | Date | readonly string[] | null;

/** Writes rows into a table by COPY, one short statement; the columns are the table's, in its order. */
export async function copyRows(
  client: PoolClient,
  table: string,
  rows: readonly (readonly CopyValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  // Before the COPY is begun: what fails after that would leave the session waiting for rows for ever.
  const text = rows.map((row) => `${row.map(field).join("\t")}\n`).join("");
  const copy = client.query(copyFrom(`COPY ${table} FROM STDIN`));
  copy.end(text);
  await finished(copy);
}

function field(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return escaped(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") return escaped(arrayLiteral(value));
  return String(value);
}

const SPECIAL: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** PostgreSQL's text cannot hold a NUL: it is dropped. Next to no text has any of these, and looking first is cheap. */
function escaped(text: string): string {
  if (!/[\0\\\t\n\r]/.test(text)) return text;
  return text.replaceAll("\0", "").replace(/[\\\t\n\r]/g, (character) => SPECIAL[character] ?? character);
}

function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

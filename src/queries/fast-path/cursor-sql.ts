import type { CursorOrder } from "../cursor.js";
import { cursorSignature } from "../cursor.js";
import type { Column } from "../list.js";
import { quote } from "./json-text.js";
import { momentSql } from "./scalar-json.js";

/** SQL for a row's cursor, byte by byte as `encodeCursor` makes it. */
export function cursorSql(order: CursorOrder, row: string): string {
  const parts = order.columns.map((column) => `',', ${partSql(column, `${row}.${column.name}`)}`);
  const head = quote(`[${JSON.stringify(cursorSignature(order))}`);
  const text = `concat(${[head, ...parts].join(", ")}, ']')`;
  return `translate(rtrim(replace(encode(convert_to(${text}, 'UTF8'), 'base64'), E'\\n', ''), '='), '+/', '-_')`;
}

function partSql({ type, nullable }: Column, value: string): string {
  const sql = writtenSql(type, value);
  return nullable ? `COALESCE(${sql}, 'null')` : sql;
}

function writtenSql(type: Column["type"], value: string): string {
  if (type === "integer") return `${value}::text`;
  if (type === "text") return `to_json(${value})::text`;
  return `'"' || ${type === "timestamptz" ? momentSql(value) : value} || '"'`;
}

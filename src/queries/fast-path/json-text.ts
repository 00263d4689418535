import type { Sql } from "./template.js";

/** JSON text in the making: what is always the same, and SQL for what is not, which gives text and never NULL. */
export type Json = readonly (string | { readonly sql: Sql })[];

/** PostgreSQL takes a hundred arguments at most. */
const MOST_ARGUMENTS = 90;

/** Ends the statement, and so leaves the answer to the ordinary execution, whose matter the error is. Evaluated only when reached. */
export const FAIL_SQL = "concat('nothing')::json::text";

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQL for the whole text. `concat` is several times faster than `json_build_object`, and adds no spaces. */
export function textOf(json: Json): Sql {
  const pieces: Sql[] = [];
  let fixed = "";
  for (const part of json) {
    if (typeof part === "string") {
      fixed += part;
      continue;
    }
    if (fixed !== "") pieces.push([quote(fixed)]);
    fixed = "";
    pieces.push(part.sql);
  }
  if (fixed !== "" || pieces.length === 0) pieces.push([quote(fixed)]);
  return concatenate(pieces);
}

function concatenate(pieces: readonly Sql[]): Sql {
  if (pieces.length <= MOST_ARGUMENTS) return ["concat(", ...separated(pieces), ")"];
  const groups: Sql[] = [];
  for (let at = 0; at < pieces.length; at += MOST_ARGUMENTS) {
    groups.push(concatenate(pieces.slice(at, at + MOST_ARGUMENTS)));
  }
  return concatenate(groups);
}

function separated(pieces: readonly Sql[]): Sql {
  return pieces.flatMap((piece, at) => (at === 0 ? piece : [", ", ...piece]));
}

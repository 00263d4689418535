import type { Bind, Condition } from "./conditions.js";
import type { Column, RawRow, Relation } from "./list.js";
import type { NodeKey } from "./node-key.js";

/** Rows whose related rows are wanted, and the columns by which these refer to them. */
export interface Parents extends Relation {
  readonly keys: readonly NodeKey[];
}

/**
 * Asks the same of each parent in one statement; `ordinal` (from 0) says for which parent a row is. Without parents, the
 * statement itself.
 * @param inner makes the statement for one parent, given the conditions that tie its rows to it
 */
export function withParents(
  parents: Parents | null,
  bind: Bind,
  inner: (ofParent: readonly Condition[]) => string,
  { orderBy }: { readonly orderBy: string | null },
): string {
  if (!parents) return inner([]);
  const arrays = parents.columns.map(({ type }, at) =>
    bind(
      parents.keys.map((key) => key[at]),
      `${type}[]`,
    ),
  );
  const names = parents.columns.map((_, at) => `key_${at}`);
  const statement = inner([{ sql: () => joinSql(parents.columns), fixes: [] }]);
  return `SELECT (parent.ordinal - 1)::int AS ordinal, item.*
          FROM unnest(${arrays.join(", ")}) WITH ORDINALITY AS parent(${names.join(", ")}, ordinal)
          CROSS JOIN LATERAL (${statement}) AS item
          ORDER BY parent.ordinal${orderBy ? `, ${orderBy}` : ""}`;
}

/** The rows of each parent, in the order of the parents' keys. */
export function byParent(parents: Parents, found: readonly RawRow[]): RawRow[][] {
  const groups: RawRow[][] = parents.keys.map(() => []);
  for (const row of found) groups[row.ordinal as number]?.push(row);
  return groups;
}

function joinSql(columns: readonly Column[]): string {
  return columns.map(({ name }, at) => `item.${name} = parent.key_${at}`).join(" AND ");
}

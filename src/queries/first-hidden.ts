import { bindInto } from "./conditions.js";
import { keyColumns, type NodeClass, type NodeKey } from "./node-key.js";
import type { Scope, Scoped } from "./scopes.js";
import { row } from "./sql.js";

/** The place of the first of these primary keys whose row is there, and not in a scope of the teams; null when none is. */
export async function firstHidden(
  { db, teams }: Scoped,
  node: NodeClass,
  scope: Scope,
  keys: readonly NodeKey[],
): Promise<number | null> {
  if (teams === null) return null;
  const columns = keyColumns(node);
  const values: unknown[] = [];
  const bind = bindInto(values);
  const arrays = columns.map(({ type }, at) =>
    bind(
      keys.map((key) => key[at]),
      `${type}[]`,
    ),
  );
  const hidden = await row<{ at: number }>(
    db,
    `SELECT (named.ordinal - 1)::int AS at
     FROM unnest(${arrays.join(", ")}) WITH ORDINALITY AS named(${columns.map(({ name }) => name).join(", ")}, ordinal)
     JOIN "${db.getMetadata(node).tableName}" AS item USING (${columns.map(({ name }) => name).join(", ")})
     WHERE (${scope("item", bind(teams, "text[]"))}) IS NOT TRUE
     ORDER BY named.ordinal LIMIT 1`,
    values,
  );
  return hidden?.at ?? null;
}

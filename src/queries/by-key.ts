import type { Node } from "../entities/node.js";
import { bindInto } from "./conditions.js";
import { hydrate } from "./hydrate.js";
import type { RawRow } from "./list.js";
import { keyColumns, keyOf, type NodeClass, type NodeKey } from "./node-key.js";
import { scopeOf } from "./node-scopes.js";
import { inScope, type Scoped } from "./scopes.js";
import { rows } from "./sql.js";

/** The rows with these primary keys, in the order of the keys; null where there is none in the scope of the teams. */
export async function findByKeys<Row extends Node>(
  { db, teams }: Scoped,
  node: NodeClass<Row>,
  keys: readonly NodeKey[],
): Promise<(Row | null)[]> {
  const columns = keyColumns(node);
  const values: unknown[] = [];
  const bind = bindInto(values);
  const arrays = columns.map(({ type }, at) =>
    bind(
      keys.map((key) => key[at]),
      `${type}[]`,
    ),
  );
  const names = columns.map(({ name }) => `item.${name}`).join(", ");
  const limits = inScope(scopeOf(node), teams).map(({ sql }) => ` AND ${sql(bind)}`);
  const found = await rows<RawRow>(
    db,
    `SELECT item.* FROM "${db.getMetadata(node).tableName}" AS item
     WHERE (${names}) IN (SELECT * FROM unnest(${arrays.join(", ")}))${limits.join("")}`,
    values,
  );
  const byKey = new Map(found.map((raw) => hydrate(db, node, raw)).map((row) => [keyOf(row).join(), row]));
  return keys.map((key) => byKey.get(key.join()) ?? null);
}

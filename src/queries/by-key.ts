import type { DataSource } from "typeorm";
import type { Node } from "../entities/node.js";
import { bindInto } from "./conditions.js";
import { hydrate } from "./hydrate.js";
import type { RawRow } from "./list.js";
import { keyColumns, keyOf, type NodeClass, type NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/** The rows with these primary keys, in the order of the keys; null where there is none. */
export async function findByKeys<Row extends Node>(
  db: DataSource,
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
  const names = columns.map(({ name }) => name).join(", ");
  const found = await rows<RawRow>(
    db,
    `SELECT * FROM "${db.getMetadata(node).tableName}" WHERE (${names}) IN (SELECT * FROM unnest(${arrays.join(", ")}))`,
    values,
  );
  const byKey = new Map(found.map((raw) => hydrate(db, node, raw)).map((row) => [keyOf(row).join(), row]));
  return keys.map((key) => byKey.get(key.join()) ?? null);
}

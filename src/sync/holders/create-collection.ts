import type { EntityManager } from "typeorm";
import type { CollectionKind } from "../../entities/collection.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { collectionNameTaken, requireCollectionName } from "./local-collection.js";

/**
 * Makes a collection that is kept by hand.
 * @param input its teams are those that see it and may change it.
 * @returns its id.
 * @throws AppError INVALID_INPUT, CONFLICT for a name in use.
 */
export async function createCollection(
  tx: EntityManager,
  core: Core,
  input: { readonly name: string; readonly kind: CollectionKind; readonly teams?: readonly string[] },
): Promise<string> {
  const name = await requireCollectionName(tx, input.name, null);
  const created = await row<{ id: string }>(
    tx,
    `INSERT INTO collection (id, name, kind, added_at, teams) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) WHERE target_id IS NULL DO NOTHING RETURNING id`,
    [core.clock.uuid(), name, input.kind, core.clock.now(), input.teams ?? []],
  );
  if (!created) throw collectionNameTaken(name);
  return created.id;
}

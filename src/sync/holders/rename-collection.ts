import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { lockLocalCollection, requireCollectionName } from "./local-collection.js";

/**
 * Renames a collection that is kept by hand.
 * @throws AppError NOT_FOUND, INVALID_INPUT, CONFLICT.
 */
export async function renameCollection(
  tx: EntityManager,
  _core: Core,
  collectionId: string,
  name: string,
): Promise<void> {
  const collection = await lockLocalCollection(tx, collectionId);
  const wanted = await requireCollectionName(tx, name, collectionId);
  if (wanted === collection.name) return;
  await tx.query("UPDATE collection SET name = $2 WHERE id = $1", [collectionId, wanted]);
}

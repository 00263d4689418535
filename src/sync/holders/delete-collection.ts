import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { dropReservations } from "./drop-reservations.js";
import { lockLocalCollection } from "./local-collection.js";

/**
 * Deletes a collection that is kept by hand; its members stay, and what was reserved for it is free.
 * @throws AppError NOT_FOUND; CONFLICT for a mirrored one, or while a deployment goes to it that is not deleted.
 */
export async function deleteCollection(tx: EntityManager, _core: Core, collectionId: string): Promise<void> {
  const collection = await lockLocalCollection(tx, collectionId);
  const used = await row<{ deployments: number }>(
    tx,
    "SELECT count(*)::int AS deployments FROM deployment WHERE collection_id = $1 AND deleted_at IS NULL",
    [collectionId],
  );
  if (used && used.deployments > 0) {
    throw new AppError(
      "CONFLICT",
      `"${collection.name}" is used by ${used.deployments} deployments, and stays while they exist.`,
      { collectionId: encodeGlobalId("Collection", collectionId), deployments: used.deployments },
    );
  }
  await dropReservations(tx, collectionId);
  await tx.query("DELETE FROM collection WHERE id = $1", [collectionId]);
}

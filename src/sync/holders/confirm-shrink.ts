import type { EntityManager } from "typeorm";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { noSuchCollection } from "./local-collection.js";

/**
 * Lets the next complete listing take away as many members as it will, and asks for that listing. The alert stays open
 * until it has: open while nothing is held back is how the listing knows.
 * @throws AppError NOT_FOUND; a collection with nothing held back is left as it is.
 */
export async function confirmShrink(tx: EntityManager, _core: Core, collectionId: string): Promise<void> {
  const collection = await row<{ target_id: string | null; shrink_held_at: Date | null }>(
    tx,
    "SELECT target_id, shrink_held_at FROM collection WHERE id = $1 FOR UPDATE",
    [collectionId],
  );
  if (!collection) throw noSuchCollection(collectionId);
  if (collection.target_id === null || collection.shrink_held_at === null) return;
  await tx.query("UPDATE collection SET shrink_held_at = NULL WHERE id = $1", [collectionId]);
  await addJob(tx, "import-holders", { targetId: collection.target_id });
}

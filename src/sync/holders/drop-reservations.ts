import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** What was reserved for a collection that goes is free for all: the queues move. */
export async function dropReservations(tx: EntityManager, collectionId: string): Promise<void> {
  const tokens = await rows<{ token_id: string }>(
    tx,
    `WITH dropped AS (DELETE FROM reservation WHERE collection_id = $1 RETURNING token_id)
     SELECT DISTINCT token_id FROM dropped`,
    [collectionId],
  );
  for (const { token_id: tokenId } of tokens) await addJob(tx, "license-installations", { tokenId });
}

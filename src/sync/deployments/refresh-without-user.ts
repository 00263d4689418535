import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/**
 * Of the installations that have just moved, those on devices that have lost their user may be through with leaving: their
 * collections are looked at again, so that each says why the device gets no app.
 */
export async function refreshWithoutUser(
  tx: EntityManager,
  tokenId: string,
  movedIds: readonly string[],
): Promise<void> {
  if (movedIds.length === 0) return;
  const collections = await rows<{ collectionId: string }>(
    tx,
    `SELECT DISTINCT d.collection_id AS "collectionId"
     FROM installation i
     JOIN device ON device.id = i.device_id AND device.user_id IS NULL AND device.state = 'ENROLLED'
     JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
      AND d.licensing = 'USER' AND d.action = 'INSTALL' AND d.deleted_at IS NULL
     WHERE i.token_id = $1 AND i.id = ANY($2) AND i.left_at IS NOT NULL AND i.state IN ('CANCELLED', 'REMOVED')
     ORDER BY 1`,
    [tokenId, movedIds],
  );
  for (const { collectionId } of collections) await addJob(tx, "refresh-members", { collectionId });
}

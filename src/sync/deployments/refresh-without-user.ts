import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";

/**
 * Of the installations that have just come to their end, those on devices that have lost their user are through with leaving:
 * their collections are looked at again, so that each says why the device gets no app.
 */
export async function refreshWithoutUser(tx: EntityManager, moved: readonly TokenScopedKey[]): Promise<void> {
  if (moved.length === 0) return;
  const collections = await rows<{ collectionId: string }>(
    tx,
    `SELECT DISTINCT d.collection_id AS "collectionId"
     FROM unnest($1::uuid[], $2::bigint[]) AS moved(token_id, id)
     JOIN installation i ON i.token_id = moved.token_id AND i.id = moved.id
     JOIN device ON device.id = i.device_id AND device.user_id IS NULL AND device.state = 'ENROLLED'
     JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
      AND d.licensing = 'USER' AND d.action = 'INSTALL' AND d.deleted_at IS NULL
     WHERE i.left_at IS NOT NULL
     ORDER BY 1`,
    [moved.map(({ tokenId }) => tokenId), moved.map(({ id }) => id)],
  );
  for (const { collectionId } of collections) await addJob(tx, "refresh-members", { collectionId });
}

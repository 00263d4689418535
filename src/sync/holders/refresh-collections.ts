import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** Lets the deployments of all collections that hold one of these find out what has changed. */
export async function refreshCollections(
  tx: EntityManager,
  members: { readonly userIds: readonly string[]; readonly deviceIds: readonly string[] },
): Promise<void> {
  if (members.userIds.length === 0 && members.deviceIds.length === 0) return;
  const concerned = await rows<{ collection_id: string }>(
    tx,
    `SELECT DISTINCT deployment.collection_id FROM deployment
     WHERE deployment.deleted_at IS NULL
       AND EXISTS (SELECT FROM collection_member member
                   WHERE member.collection_id = deployment.collection_id
                     AND (member.user_id = ANY($1) OR member.device_id = ANY($2)))
     ORDER BY deployment.collection_id`,
    [members.userIds, members.deviceIds],
  );
  for (const { collection_id } of concerned) await addJob(tx, "refresh-members", { collectionId: collection_id });
}

/** The same for one collection whose members have changed. */
export async function refreshCollection(tx: EntityManager, collectionId: string): Promise<void> {
  const [used] = await rows(tx, "SELECT FROM deployment WHERE collection_id = $1 AND deleted_at IS NULL LIMIT 1", [
    collectionId,
  ]);
  if (used) await addJob(tx, "refresh-members", { collectionId });
}

import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** Where something has changed that decides what is installed. */
export interface Concerned {
  readonly userIds: readonly string[];
  readonly deviceIds: readonly string[];
  /** Collections whose own members have changed. */
  readonly collectionIds?: readonly string[];
}

/**
 * Lets the deployments of all collections concerned, or that hold one of these, find out what has changed. Once at the end
 * of a transaction: jobs are added, and so locked, in one order.
 */
export async function refreshCollections(tx: EntityManager, concerned: Concerned): Promise<void> {
  const { userIds, deviceIds, collectionIds = [] } = concerned;
  if (userIds.length + deviceIds.length + collectionIds.length === 0) return;
  const used = await rows<{ collection_id: string }>(
    tx,
    `SELECT DISTINCT deployment.collection_id FROM deployment
     WHERE deployment.deleted_at IS NULL
       AND (deployment.collection_id = ANY($3)
            OR EXISTS (SELECT FROM collection_member member
                       WHERE member.collection_id = deployment.collection_id
                         AND (member.user_id = ANY($1) OR member.device_id = ANY($2))))
     ORDER BY deployment.collection_id`,
    [userIds, deviceIds, collectionIds],
  );
  for (const { collection_id } of used) await addJob(tx, "refresh-members", { collectionId: collection_id });
}

/** The same for one collection whose members have changed. */
export async function refreshCollection(tx: EntityManager, collectionId: string): Promise<void> {
  const [used] = await rows(tx, "SELECT FROM deployment WHERE collection_id = $1 AND deleted_at IS NULL LIMIT 1", [
    collectionId,
  ]);
  if (used) await addJob(tx, "refresh-members", { collectionId });
}

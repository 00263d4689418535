import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";

/**
 * Of the installations that have just failed, or cannot be applied, those without a licence may keep no app any more: the
 * collections of the uninstalls that were put off for them are looked at again, which goes on with what nobody keeps
 * (`resume-removals`).
 */
export async function refreshPutOff(tx: EntityManager, moved: readonly TokenScopedKey[]): Promise<void> {
  if (moved.length === 0) return;
  const collections = await rows<{ collectionId: string }>(
    tx,
    `SELECT DISTINCT d.collection_id AS "collectionId"
     FROM unnest($1::uuid[], $2::bigint[]) AS moved(token_id, id)
     JOIN installation up ON up.token_id = moved.token_id AND up.id = moved.id
      AND up.license_id IS NULL AND up.former_license_id IS NULL
     CROSS JOIN LATERAL (
       SELECT token_id, store_app_id, deployment_id, state, reason, want, left_at FROM installation
       WHERE device_id = up.device_id OFFSET 0
     ) i
     JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
      AND d.action = 'UNINSTALL' AND d.deleted_at IS NULL
     WHERE i.token_id = up.token_id AND i.store_app_id = up.store_app_id AND i.left_at IS NULL
       AND i.state = 'SUPERSEDED' AND i.reason = 'KEPT_BY_INSTALL' AND i.want = 'ABSENT'
     ORDER BY 1`,
    [moved.map(({ tokenId }) => tokenId), moved.map(({ id }) => id)],
  );
  for (const { collectionId } of collections) await addJob(tx, "refresh-members", { collectionId });
}

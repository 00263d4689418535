import type { EntityManager } from "typeorm";
import { OnLeave } from "../../entities/deployment.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { type ReclaimNotice, reclaimNotice } from "./reclaim-notice.js";

/** What those who leave a collection now have to expect of the deployments that take licences back; null for nothing. */
export async function noticeOfLeaving(
  tx: EntityManager,
  core: Core,
  collectionId: string,
): Promise<ReclaimNotice | null> {
  const found = await row<{ deployments: number }>(
    tx,
    `SELECT count(*)::int AS deployments FROM deployment
     WHERE collection_id = $1 AND on_leave = '${OnLeave.RECLAIM}' AND deleted_at IS NULL`,
    [collectionId],
  );
  if (!found || found.deployments === 0) return null;
  return reclaimNotice(core, `The licences that members who leave use for ${found.deployments} deployments return`);
}

import type { EntityManager } from "typeorm";
import { rows } from "../../../queries/sql.js";
import { addJob } from "../../jobs.js";

/**
 * Where Apple says otherwise than before which platforms an app runs on, its deployments look at their members again.
 * @param listed SQL for the apps as they were read; before they are merged.
 */
export async function refreshByPlatform(tx: EntityManager, tokenId: string, listed: string): Promise<void> {
  const collections = await rows<{ collectionId: string }>(
    tx,
    `SELECT DISTINCT deployment.collection_id AS "collectionId"
     FROM store_app app JOIN ${listed} listed USING (adam_id, pricing_param)
     JOIN deployment ON deployment.token_id = app.token_id AND deployment.store_app_id = app.id
      AND deployment.deleted_at IS NULL
     WHERE app.token_id = $1 AND app.counts_at < listed.requested_at AND app.platforms IS DISTINCT FROM listed.platforms
     ORDER BY 1`,
    [tokenId],
  );
  for (const { collectionId } of collections) await addJob(tx, "refresh-members", { collectionId });
}

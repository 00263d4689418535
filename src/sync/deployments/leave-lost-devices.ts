import type { EntityManager } from "typeorm";
import { OnLeave } from "../../entities/deployment.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import { addJob } from "../jobs.js";
import { endInstallations } from "./end-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { resumeRemovals } from "./resume-removals.js";

/** How many devices one transaction heeds. */
const BATCH = 1_000;

/**
 * Lets the installations on devices that were wiped, retired or deleted fall under the `onLeave` of their deployments,
 * wherever their members are by now: with the device the app is gone, and what awaited a removal has it. A device that has
 * been enrolled again meanwhile keeps its licences, and gets its apps anew.
 */
export async function leaveLostDevices(core: Core): Promise<void> {
  while (await leaveBatch(core)) {
    // Until every loss is heeded.
  }
}

/** @returns whether there may be more. */
async function leaveBatch(core: Core): Promise<boolean> {
  return inTransaction(core, async (tx) => {
    const lost = await rows<{ id: string }>(
      tx,
      `SELECT id FROM device WHERE lost_at IS NOT NULL ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE`,
    );
    const ids = lost.map(({ id }) => id);
    const apps = await rows<TokenScopedKey>(
      tx,
      `SELECT DISTINCT token_id AS "tokenId", store_app_id AS id FROM installation WHERE device_id = ANY($1)`,
      [ids],
    );
    await lockWishes(tx, apps);
    await endInstallations(tx, core, {
      which: "i.device_id = ANY($1)",
      onLeave: `CASE WHEN device.state = 'ENROLLED' AND i.left_at IS NULL THEN '${OnLeave.KEEP}' ELSE d.on_leave END`,
      parameters: [ids],
      leaves: true,
    });
    await forgetApps(tx, ids);
    await tx.query("UPDATE device SET lost_at = NULL WHERE id = ANY($1)", [ids]);
    for (const app of apps) await resumeRemovals(tx, core, app);
    await refreshTheirCollections(tx, ids);
    return lost.length === BATCH;
  });
}

/** What was seen on these devices is there no more, also where that changes nothing else. */
async function forgetApps(tx: EntityManager, deviceIds: readonly string[]): Promise<void> {
  await tx.query(
    `WITH seen AS (
       SELECT token_id, id FROM installation WHERE device_id = ANY($1) AND observed_state = 'installed'
       ORDER BY token_id, id FOR UPDATE
     )
     UPDATE installation i SET observed_state = NULL, observed_at = NULL FROM seen
     WHERE i.token_id = seen.token_id AND i.id = seen.id`,
    [deviceIds],
  );
}

async function refreshTheirCollections(tx: EntityManager, deviceIds: readonly string[]): Promise<void> {
  const collections = await rows<{ collectionId: string }>(
    tx,
    `SELECT DISTINCT d.collection_id AS "collectionId"
     FROM installation i JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
     WHERE i.device_id = ANY($1) AND d.deleted_at IS NULL ORDER BY 1`,
    [deviceIds],
  );
  for (const { collectionId } of collections) await addJob(tx, "refresh-members", { collectionId });
}

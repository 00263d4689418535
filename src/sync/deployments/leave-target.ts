import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import type { Jobs } from "../jobs.js";
import { endInstallations } from "./end-installations.js";
import { GONE_SQL } from "./ending-sql.js";
import { lockWishes } from "./lock-wishes.js";
import { resumeRemovals } from "./resume-removals.js";

/** How many installations one transaction ends. */
const BATCH = 1_000;

/** Not at its end yet, though its member has left. */
const UNFINISHED_SQL = `(i.left_at IS NOT NULL AND (
  i.state IN ('INSTALLING', 'INSTALLED', 'REMOVING', 'REMOVAL_FAILED')
  OR i.state = 'FAILED' AND i.reason IS DISTINCT FROM 'DEVICE_GONE'))`;

/**
 * Lets what had left before fall under the `onLeave` of its deployment where the target has lost the device, which another
 * target still has, or gives its name to another one: there the app is gone, and what awaited a removal has it. Those who are
 * members leave by `refresh-members`; devices that are gone from every target are for `leave-lost-devices`.
 */
export async function leaveTarget(core: Core, { targetId }: Jobs["leave-target"]): Promise<void> {
  while (await inTransaction(core, (tx) => leaveBatch(tx, core, targetId))) {
    // Until all have left.
  }
}

/** @returns whether there may be more. */
async function leaveBatch(tx: EntityManager, core: Core, targetId: string): Promise<boolean> {
  const left = await rows<{ tokenId: string; storeAppId: string; id: string }>(
    tx,
    `SELECT i.token_id AS "tokenId", i.store_app_id AS "storeAppId", i.id
     FROM installation i JOIN device ON device.id = i.device_id AND device.state = 'ENROLLED'
     WHERE i.target_id = $1 AND ${UNFINISHED_SQL} AND ${GONE_SQL}
     ORDER BY i.token_id, i.id LIMIT ${BATCH}`,
    [targetId],
  );
  const apps = new Map<string, TokenScopedKey>();
  for (const { tokenId, storeAppId: id } of left) apps.set(`${tokenId} ${id}`, { tokenId, id });
  await lockWishes(tx, [...apps.values()]);
  await endInstallations(tx, core, {
    which: `(i.token_id, i.id) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[])) AND ${UNFINISHED_SQL} AND ${GONE_SQL}`,
    onLeave: "d.on_leave",
    parameters: [left.map(({ tokenId }) => tokenId), left.map(({ id }) => id)],
    leaves: true,
  });
  for (const app of apps.values()) await resumeRemovals(tx, core, app);
  return left.length === BATCH;
}

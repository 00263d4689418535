import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { HolderKind } from "../../../entities/license.js";
import { SyncMode } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import { countChanges } from "./count-changes.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

const OPEN = "license.token_id = $1 AND license.ended_at IS NULL AND license.operation_id IS NULL";

/**
 * Links holdings to holders that have become known here after them: in a FULL run all, in a DELTA those that came since the
 * last run, so that it does not go through all holdings.
 * @returns how many were linked.
 */
export async function linkHolders(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<number> {
  const since = run.mode === SyncMode.FULL ? null : run.lastSyncAt;
  return (await linkDevices(tx, run, since)) + (await linkUsers(tx, run, staging));
}

async function linkDevices(tx: EntityManager, run: SyncRunRecord, since: Date | null): Promise<number> {
  const known = "device.serial IS NOT NULL AND ($1::timestamptz IS NULL OR device.added_at >= $1)";
  if (!(await row(tx, `SELECT 1 FROM device WHERE ${known} LIMIT 1`, [since]))) return 0;
  return countChanges(
    tx,
    `UPDATE license SET device_id = device.id FROM device
     WHERE ${OPEN} AND license.holder_kind = '${HolderKind.DEVICE}' AND license.device_id IS NULL
       AND device.serial = upper(btrim(license.holder_key)) AND ($2::timestamptz IS NULL OR device.added_at >= $2)`,
    [run.tokenId, since],
  );
}

/** A live registration that was read: whoever was registered before has been linked before. */
async function linkUsers(tx: EntityManager, run: SyncRunRecord, { tables }: Staging): Promise<number> {
  if (!(await row(tx, `SELECT 1 FROM ${tables.registration} LIMIT 1`))) return 0;
  return countChanges(
    tx,
    `UPDATE license SET apple_user_id = live.id FROM apple_user live
     WHERE ${OPEN} AND license.holder_kind = '${HolderKind.USER}' AND license.apple_user_id IS NULL
       AND live.token_id = $1 AND live.client_user_id = license.holder_key AND live.${LIVE_APPLE_USER_SQL}
       AND live.client_user_id IN (SELECT client_user_id FROM ${tables.registration})`,
    [run.tokenId],
  );
}

import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { HolderKind, LicenseCause, LicenseState } from "../../../entities/license.js";
import { row, rows } from "../../../queries/sql.js";
import { countChanges } from "./count-changes.js";
import type { RowCounts, SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** Who changes things at Apple when we have not. */
export const APPLE_ACTOR = "apple";

export interface HoldingsMerge extends RowCounts {
  /** Apps with holdings that this read misses and no earlier one did: they must be read again (rule 3). */
  readonly missedApps: readonly string[];
}

/**
 * Brings Licenses in step with what was read: new holdings start; what two reads of a whole app miss, both requested after
 * it was proven, is put down as ending. A row with an open operation is not touched, and none by a page older than its
 * proof (rule 3). Nothing ends here: that is decided when the run has seen everything (rule 6).
 */
export async function mergeHoldings(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<HoldingsMerge> {
  await lockApps(tx, run);
  const added = await insertNew(tx, run, staging);
  const seenAgain = await forgetAbsence(tx, run, staging);
  await putDownEnding(tx, run, staging);
  const missed = await noteAbsence(tx, run, staging);
  const linked = await linkHolders(tx, run);
  return { added, changed: seenAgain + linked, ended: 0, missedApps: [...new Set(missed)] };
}

/** App before licence, as claims lock them, so that neither waits for the other for ever. */
export async function lockApps(tx: EntityManager, run: SyncRunRecord): Promise<void> {
  await tx.query("SELECT id FROM store_app WHERE token_id = $1 ORDER BY id FOR NO KEY UPDATE", [run.tokenId]);
}

/** One that ended after the page was asked for is not started again from it. */
async function insertNew(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<number> {
  const added = await row<{ count: number }>(
    tx,
    `WITH fresh AS MATERIALIZED (
       SELECT app.id AS store_app_id, seen.holder_kind, seen.holder_key, seen.requested_at
       FROM ${staging.tables.assignment} seen
       JOIN store_app app ON app.token_id = $1 AND app.adam_id = seen.adam_id AND app.pricing_param = seen.pricing_param
       WHERE NOT EXISTS (SELECT 1 FROM license open
                         WHERE open.token_id = $1 AND open.store_app_id = app.id AND open.ended_at IS NULL
                           AND open.holder_kind = seen.holder_kind AND open.holder_key = seen.holder_key)
     ), ended AS MATERIALIZED (
       SELECT store_app_id, holder_kind, holder_key, ended_at FROM license
       WHERE token_id = $1 AND ended_at >= (SELECT min(requested_at) FROM fresh)
     ), added AS (
       INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state,
                            started_at, start_cause, start_actor, assigned_at, proven_at)
       SELECT $1, fresh.store_app_id, fresh.holder_kind, fresh.holder_key,
              CASE fresh.holder_kind WHEN '${HolderKind.DEVICE}' THEN
                (SELECT id FROM device WHERE serial = upper(btrim(fresh.holder_key))) END,
              CASE fresh.holder_kind WHEN '${HolderKind.USER}' THEN
                (SELECT id FROM apple_user WHERE token_id = $1 AND client_user_id = fresh.holder_key
                 ORDER BY (${LIVE_APPLE_USER_SQL}) DESC, id DESC LIMIT 1) END,
              '${LicenseState.HELD}', fresh.requested_at, $2, '${APPLE_ACTOR}', fresh.requested_at, fresh.requested_at
       FROM fresh
       WHERE NOT EXISTS (SELECT 1 FROM ended
                         WHERE ended.store_app_id = fresh.store_app_id AND ended.holder_kind = fresh.holder_kind
                           AND ended.holder_key = fresh.holder_key AND ended.ended_at >= fresh.requested_at)
       ON CONFLICT (token_id, store_app_id, holder_kind, holder_key) WHERE ended_at IS NULL DO NOTHING
       RETURNING store_app_id
     ), moved AS (
       SELECT store_app_id, count(*)::int AS count FROM added GROUP BY store_app_id
     ), counted AS (
       UPDATE store_app app SET held_count = app.held_count + moved.count FROM moved
       WHERE app.token_id = $1 AND app.id = moved.store_app_id
     )
     SELECT COALESCE(sum(count), 0)::int AS count FROM moved`,
    [run.tokenId, run.first ? LicenseCause.SYNC : LicenseCause.EXTERNAL],
  );
  return added?.count ?? 0;
}

function forgetAbsence(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<number> {
  return countChanges(
    tx,
    `UPDATE license SET absent_at = NULL
     FROM ${staging.tables.assignment} seen
     JOIN store_app app ON app.token_id = $1 AND app.adam_id = seen.adam_id AND app.pricing_param = seen.pricing_param
     WHERE license.token_id = $1 AND license.store_app_id = app.id AND license.holder_kind = seen.holder_kind
       AND license.holder_key = seen.holder_key AND license.ended_at IS NULL AND license.operation_id IS NULL
       AND license.absent_at < seen.requested_at`,
    [run.tokenId],
  );
}

/** Holdings (alias `license`) of an app that was read whole (alias `asked`) and that this read does not show. */
function missing(staging: Staging): string {
  return `license.token_id = $1 AND license.store_app_id = asked.store_app_id
     AND license.state = '${LicenseState.HELD}' AND license.operation_id IS NULL
     AND NOT EXISTS (SELECT 1 FROM ${staging.tables.assignment} seen
                     WHERE seen.adam_id = asked.adam_id AND seen.pricing_param = asked.pricing_param
                       AND seen.holder_kind = license.holder_kind AND seen.holder_key = license.holder_key)`;
}

async function putDownEnding(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<void> {
  await tx.query(
    `INSERT INTO ${staging.tables.ending} (license_id)
     SELECT license.id FROM license, ${staging.tables.asked} asked
     WHERE ${missing(staging)} AND license.absent_at < asked.asked_at
       AND (license.proven_at IS NULL OR license.proven_at < license.absent_at)`,
    [run.tokenId],
  );
}

/** @returns the app of each holding that is missed for the first time. */
async function noteAbsence(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<string[]> {
  const missed = await rows<{ store_app_id: string }>(
    tx,
    `WITH missed AS (
       UPDATE license SET absent_at = asked.asked_at FROM ${staging.tables.asked} asked
       WHERE ${missing(staging)}
         AND (license.proven_at IS NULL OR license.proven_at < asked.asked_at)
         AND (license.absent_at IS NULL OR license.absent_at <= license.proven_at)
       RETURNING license.store_app_id
     )
     SELECT DISTINCT store_app_id FROM missed`,
    [run.tokenId],
  );
  return missed.map((license) => license.store_app_id);
}

/** A holder may become known here after its licence was first seen. */
async function linkHolders(tx: EntityManager, run: SyncRunRecord): Promise<number> {
  const open = "license.token_id = $1 AND license.ended_at IS NULL AND license.operation_id IS NULL";
  const devices = await countChanges(
    tx,
    `UPDATE license SET device_id = device.id FROM device
     WHERE ${open} AND license.holder_kind = '${HolderKind.DEVICE}' AND license.device_id IS NULL
       AND device.serial = upper(btrim(license.holder_key))`,
    [run.tokenId],
  );
  const users = await countChanges(
    tx,
    `UPDATE license SET apple_user_id = live.id FROM apple_user live
     WHERE ${open} AND license.holder_kind = '${HolderKind.USER}' AND license.apple_user_id IS NULL
       AND live.token_id = $1 AND live.client_user_id = license.holder_key AND live.${LIVE_APPLE_USER_SQL}`,
    [run.tokenId],
  );
  return devices + users;
}

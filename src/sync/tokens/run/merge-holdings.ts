import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { HolderKind, LicenseCause, LicenseState } from "../../../entities/license.js";
import { row } from "../../../queries/sql.js";
import { tellOfLicenseEventsSql } from "../../tell-of-license-events.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/**
 * Starts the holdings that were put down as fresh, and strikes them off. One that has been started or has ended here since
 * the page was asked for is left as it is: newer knowledge wins (rule 3).
 * @param actor who starts them, when we have not.
 * @returns how many have started.
 */
export async function startHoldings(
  tx: EntityManager,
  run: SyncRunRecord,
  { tables }: Staging,
  actor: string,
): Promise<number> {
  // As yet nothing may be known of what has ended in masses: it would be gone through once for each holding.
  await tx.query("SET LOCAL enable_nestloop = off");
  const added = await row<{ count: number }>(
    tx,
    `WITH ended AS MATERIALIZED (
       SELECT store_app_id, holder_kind, holder_key, max(ended_at) AS ended_at FROM license
       WHERE token_id = $1 AND ended_at >= (SELECT min(requested_at) FROM ${tables.fresh})
       GROUP BY store_app_id, holder_kind, holder_key
     ), added AS (
       INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state,
                            started_at, start_cause, start_actor, assigned_at, proven_at)
       SELECT $1, app.id, fresh.holder_kind, fresh.holder_key,
              CASE fresh.holder_kind WHEN '${HolderKind.DEVICE}' THEN
                (SELECT id FROM device WHERE serial = upper(btrim(fresh.holder_key))) END,
              CASE fresh.holder_kind WHEN '${HolderKind.USER}' THEN
                (SELECT id FROM apple_user WHERE token_id = $1 AND client_user_id = fresh.holder_key
                 ORDER BY (${LIVE_APPLE_USER_SQL}) DESC, id DESC LIMIT 1) END,
              '${LicenseState.HELD}', fresh.requested_at, $2, $3, fresh.requested_at, fresh.requested_at
       FROM ${tables.fresh} fresh
       JOIN store_app app ON app.token_id = $1 AND app.adam_id = fresh.adam_id AND app.pricing_param = fresh.pricing_param
       LEFT JOIN ended ON ended.store_app_id = app.id AND ended.holder_kind = fresh.holder_kind
                      AND ended.holder_key = fresh.holder_key
       WHERE ended.ended_at IS NULL OR ended.ended_at < fresh.requested_at
       ON CONFLICT (token_id, store_app_id, holder_kind, holder_key) WHERE ended_at IS NULL DO NOTHING
       RETURNING token_id, store_app_id, id
     ), moved AS (
       SELECT store_app_id, count(*)::int AS count FROM added GROUP BY store_app_id
     ), counted AS (
       UPDATE store_app app SET held_count = app.held_count + moved.count FROM moved
       WHERE app.token_id = $1 AND app.id = moved.store_app_id
     )
     SELECT COALESCE(sum(count), 0)::int AS count, ${tellOfLicenseEventsSql("added", "STARTED")} FROM moved`,
    [run.tokenId, run.first ? LicenseCause.SYNC : LicenseCause.EXTERNAL, actor],
  );
  await tx.query(`SET LOCAL enable_nestloop TO DEFAULT; TRUNCATE ${tables.fresh}`);
  return added?.count ?? 0;
}

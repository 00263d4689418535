import type { EntityManager } from "typeorm";
import { AppleOperationIntent, HolderOutcome } from "../../../entities/apple-operation.js";
import { HolderKind, LicenseCause, LicenseState } from "../../../entities/license.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { tellOfLicenseEventsSql } from "../../tell-of-license-events.js";
import { mayBeMissing } from "./compare-holdings.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/**
 * Ends what two reads miss, and gives its stock free. What a person we have retired held has ended by that operation.
 * @param actor who has ended the others.
 * @returns how many holdings have ended.
 */
export async function endHoldings(
  tx: EntityManager,
  core: Core,
  run: SyncRunRecord,
  staging: Staging,
  actor: string,
): Promise<number> {
  const ended = await row<{ count: number }>(
    tx,
    `WITH retired AS (
       SELECT DISTINCT ON (holder.holder_key) holder.holder_key, operation.id, operation.cause, operation.actor,
              operation.created_at
       FROM apple_operation operation
       JOIN apple_operation_holder holder ON holder.token_id = $1 AND holder.operation_id = operation.id
                                         AND holder.outcome <> '${HolderOutcome.FAILED}'
       WHERE operation.token_id = $1 AND operation.intent = '${AppleOperationIntent.RETIRE_USERS}' AND operation.attempts > 0
         AND holder.holder_key IN (SELECT license.holder_key FROM license
                                   JOIN ${staging.tables.missing} missed ON missed.license_id = license.id
                                   WHERE license.token_id = $1 AND license.holder_kind = '${HolderKind.USER}')
       ORDER BY holder.holder_key, operation.id DESC
     ), ending AS (
       SELECT license.id, retired.id AS operation_id, retired.cause, retired.actor
       FROM ${staging.tables.missing} missed JOIN license ON license.token_id = $1 AND license.id = missed.license_id
       LEFT JOIN retired ON license.holder_kind = '${HolderKind.USER}' AND retired.holder_key = license.holder_key
                        AND retired.created_at >= license.started_at
       WHERE missed.twice AND ${mayBeMissing("missed.missed_at")}
     ), ended AS (
       UPDATE license SET state = '${LicenseState.ENDED}', ended_at = $2, end_operation_id = ending.operation_id,
              end_cause = COALESCE(ending.cause, '${LicenseCause.EXTERNAL}'), end_actor = COALESCE(ending.actor, $3)
       FROM ending
       -- Here too, since only this is judged anew when the row has been locked by a claim or a return meanwhile.
       WHERE license.token_id = $1 AND license.id = ending.id AND license.state = '${LicenseState.HELD}'
         AND license.operation_id IS NULL
       RETURNING license.token_id, license.store_app_id, license.id
     ), moved AS (
       SELECT store_app_id, count(*)::int AS count FROM ended GROUP BY store_app_id
     ), counted AS (
       UPDATE store_app app SET held_count = app.held_count - moved.count FROM moved
       WHERE app.token_id = $1 AND app.id = moved.store_app_id
     )
     SELECT COALESCE(sum(count), 0)::int AS count, ${tellOfLicenseEventsSql("ended", "ENDED")} FROM moved`,
    [run.tokenId, core.clock.now(), actor],
  );
  return ended?.count ?? 0;
}

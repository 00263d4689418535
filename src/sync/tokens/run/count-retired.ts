import type { EntityManager } from "typeorm";
import { AppleUserStatus, LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { HolderKind } from "../../../entities/license.js";
import type { SyncRunRecord } from "./run-record.js";

/**
 * Counts the holdings of people who were retired, where Apple counts licences as retired: these stand among its assignments
 * and in its retired count, and are free once at most. A count that has not changed is not written.
 */
export async function countRetired(tx: EntityManager, run: SyncRunRecord): Promise<void> {
  await tx.query(
    `UPDATE store_app app SET retired_held_count = kept.count
     FROM (SELECT app.id, count(license.id)::int AS count
           FROM store_app app
           LEFT JOIN license ON license.token_id = $1 AND license.store_app_id = app.id AND license.ended_at IS NULL
             AND license.holder_kind = '${HolderKind.USER}'
             AND EXISTS (SELECT 1 FROM apple_user past
                         WHERE past.token_id = $1 AND past.client_user_id = license.holder_key
                           AND past.status IN ('${AppleUserStatus.RETIRED}', '${AppleUserStatus.DELETED}'))
             AND NOT EXISTS (SELECT 1 FROM apple_user live
                             WHERE live.token_id = $1 AND live.client_user_id = license.holder_key
                               AND live.${LIVE_APPLE_USER_SQL})
           WHERE app.token_id = $1 AND (app.retired_count > 0 OR app.retired_held_count > 0)
           GROUP BY app.id) kept
     WHERE app.token_id = $1 AND app.id = kept.id AND app.retired_held_count <> kept.count`,
    [run.tokenId],
  );
}

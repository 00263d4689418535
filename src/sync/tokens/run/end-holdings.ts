import type { EntityManager } from "typeorm";
import { LicenseCause, LicenseState } from "../../../entities/license.js";
import { SyncRunState } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { APPLE_ACTOR, lockApps } from "./merge-holdings.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** Above both, a run ends nothing without an equal second read (rule 6). */
const SHRINK_ROWS = 20;
const SHRINK_SHARE = 0.2;

/** What a run would end. */
export interface Shrink {
  readonly ending: number;
  readonly open: number;
  /** The same for the same holdings; null when there are none. */
  readonly digest: string | null;
}

/** Still to be ended: what two reads miss, unless it has been seen again or is being changed by us meanwhile. */
function stillEnding(staging: Staging): string {
  return `license.token_id = $1 AND license.state = '${LicenseState.HELD}' AND license.operation_id IS NULL
     AND license.absent_at IS NOT NULL AND license.id IN (SELECT license_id FROM ${staging.tables.ending})`;
}

export async function measureShrink(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<Shrink> {
  const shrink = await row<Shrink>(
    tx,
    `SELECT count(*)::int AS ending,
            encode(sha256(string_agg(license.id::text, ',' ORDER BY license.id)::bytea), 'hex') AS digest,
            (SELECT COALESCE(sum(held_count), 0)::int FROM store_app WHERE token_id = $1) AS open
     FROM license WHERE ${stillEnding(staging)}`,
    [run.tokenId],
  );
  return shrink ?? { ending: 0, open: 0, digest: null };
}

/** Whether a shrink is too large to be believed at once; an equal one that the last run has held back is believed. */
export async function mustHoldBack(tx: EntityManager, run: SyncRunRecord, shrink: Shrink): Promise<boolean> {
  if (shrink.ending <= SHRINK_ROWS || shrink.ending <= shrink.open * SHRINK_SHARE) return false;
  const last = await row<{ state: SyncRunState; shrink_digest: string | null }>(
    tx,
    `SELECT state, shrink_digest FROM sync_run
     WHERE token_id = $1 AND state IN ('${SyncRunState.SUCCEEDED}', '${SyncRunState.HELD_BACK}')
     ORDER BY ended_at DESC, id DESC LIMIT 1`,
    [run.tokenId],
  );
  return last?.shrink_digest !== shrink.digest;
}

/** Ends what two reads miss, and gives its stock free. @returns how many holdings have ended. */
export async function endHoldings(
  tx: EntityManager,
  core: Core,
  run: SyncRunRecord,
  staging: Staging,
): Promise<number> {
  await lockApps(tx, run);
  const ended = await row<{ count: number }>(
    tx,
    `WITH ended AS (
       UPDATE license SET state = '${LicenseState.ENDED}', ended_at = $2, end_cause = '${LicenseCause.EXTERNAL}',
                          end_actor = '${APPLE_ACTOR}'
       WHERE ${stillEnding(staging)}
       RETURNING store_app_id
     ), moved AS (
       SELECT store_app_id, count(*)::int AS count FROM ended GROUP BY store_app_id
     ), counted AS (
       UPDATE store_app app SET held_count = app.held_count - moved.count FROM moved
       WHERE app.token_id = $1 AND app.id = moved.store_app_id
     )
     SELECT COALESCE(sum(count), 0)::int AS count FROM moved`,
    [run.tokenId, core.clock.now()],
  );
  return ended?.count ?? 0;
}

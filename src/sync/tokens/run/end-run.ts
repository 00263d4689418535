import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../entities/sync-run.js";
import { TokenHealthState } from "../../../entities/token.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { clearAlerts, raiseAlerts } from "../../raise-alerts.js";
import { hintedSyncAt } from "../hinted-sync-at.js";
import { staleBefore } from "../read-metadata.js";
import { requestSync } from "../request-sync.js";
import type { Shrink } from "./measure-shrink.js";
import { forgetMissed } from "./missed-licenses.js";
import type { ListsRead } from "./read-lists.js";
import type { SyncRunRecord } from "./run-record.js";

/** The second read that a large loss needs comes so long after the first. */
const SECOND_READ_MS = 5 * 60_000;

/** What follows from changed holdings, registrations or stock. */
export async function addFollowUps(tx: EntityManager, run: SyncRunRecord): Promise<void> {
  const changed = await row(
    tx,
    "SELECT 1 FROM sync_run WHERE token_id = $1 AND id = $2 AND rows_added + rows_changed + rows_ended > 0",
    [run.tokenId, run.id],
  );
  if (!changed) return;
  await addJob(tx, "advance-installations", { tokenId: run.tokenId });
  await addJob(tx, "license-installations", { tokenId: run.tokenId });
}

/**
 * Ends a run that brought our data in step. Times are those at which Apple was asked, so what has not moved since is as
 * of `last_sync_at`. A list that moved while it was read is followed by a delta.
 */
export async function succeed(tx: EntityManager, core: Core, run: SyncRunRecord, lists: ListsRead): Promise<void> {
  const { assets, users, assignments } = lists;
  await tx.query(
    `UPDATE token SET last_sync_at = $2, last_full_sync_at = CASE WHEN $3 THEN $2 ELSE last_full_sync_at END,
                      assets_version_id = $4, users_version_id = $5, assignments_version_id = $6
     WHERE id = $1`,
    [
      run.tokenId,
      assets.requestedAt,
      run.mode === SyncMode.FULL,
      assets.versionId,
      users.versionId,
      assignments.versionId,
    ],
  );
  await closeSucceeded(tx, core, run);
  const stale = await row(
    tx,
    "SELECT 1 FROM store_app WHERE token_id = $1 AND (metadata_at IS NULL OR metadata_at < $2) LIMIT 1",
    [run.tokenId, staleBefore(core)],
  );
  if (stale) await addJob(tx, "read-metadata", { tokenId: run.tokenId });
  if (run.mode === SyncMode.FULL && (assets.moved || users.moved || assignments.moved)) {
    await requestSync(tx, core, run.tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.RECOVERY });
  }
  await heedHints(tx, core, run, assets.requestedAt);
}

/**
 * What was learnt while Apple was being read, this read may not show: a change that Apple has told of is looked for once
 * more, and a database that was found restored meanwhile is read in full once more. One found so before is trusted now. Of a
 * token that an admin has paused, only what was asked for is read.
 */
async function heedHints(tx: EntityManager, core: Core, run: SyncRunRecord, since: Date): Promise<void> {
  const hints = await row<{ hinted_at: Date | null; distrusted_at: Date | null; paused: boolean }>(
    tx,
    `SELECT hinted_at, distrusted_at, health_state = '${TokenHealthState.SUSPENDED}' AS paused FROM token WHERE id = $1
     FOR NO KEY UPDATE`,
    [run.tokenId],
  );
  if (!hints) return;
  if (!hints.paused && hints.hinted_at && hints.hinted_at > since) {
    const at = hintedSyncAt(core, since);
    await requestSync(tx, core, run.tokenId, { mode: SyncMode.DELTA, trigger: SyncTrigger.NOTIFICATION, at });
  }
  if (!hints.distrusted_at) return;
  if (run.mode === SyncMode.FULL && hints.distrusted_at < since) {
    await tx.query("UPDATE token SET distrusted_at = NULL WHERE id = $1", [run.tokenId]);
    await addJob(tx, "verify-token", { tokenId: run.tokenId });
  } else if (!hints.paused) {
    await requestSync(tx, core, run.tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY });
  }
}

/** Ends a run that would lose too much at once, and asks for the second read (rule 6). */
export async function holdBack(tx: EntityManager, core: Core, run: SyncRunRecord, shrink: Shrink): Promise<void> {
  const losses = shrink.tooLarge.map(({ what, losing, known }) => `${losing} of ${known} ${what}`).join(" and ");
  const message =
    `Apple no longer shows ${losses}. Nothing of this reading was taken over: a second one is under way, and if it shows ` +
    "the same, they end. Look at Apple whether licenses were taken back or moved.";
  const subject = encodeGlobalId("Token", run.tokenId);
  await raiseAlerts(tx, core, AlertKind.LICENSES_SHRINK_HELD, [{ subject, message }]);
  await close(tx, core, run, SyncRunState.HELD_BACK, shrink.digest);
  await requestSync(tx, core, run.tokenId, {
    mode: SyncMode.FULL,
    trigger: SyncTrigger.RECOVERY,
    at: core.clock.in(SECOND_READ_MS),
  });
}

/** Ends a run that brought our data in step: what an earlier one has held back is believed, or was not so. */
export async function closeSucceeded(tx: EntityManager, core: Core, run: SyncRunRecord): Promise<void> {
  await close(tx, core, run, SyncRunState.SUCCEEDED, null);
  await forgetMissed(tx, run);
  await clearAlerts(tx, core, AlertKind.LICENSES_SHRINK_HELD, [encodeGlobalId("Token", run.tokenId)]);
}

async function close(
  tx: EntityManager,
  core: Core,
  run: SyncRunRecord,
  state: SyncRunState,
  shrinkDigest: string | null,
): Promise<void> {
  await tx.query("UPDATE sync_run SET state = $3, shrink_digest = $4, ended_at = $5 WHERE token_id = $1 AND id = $2", [
    run.tokenId,
    run.id,
    state,
    shrinkDigest,
    core.clock.now(),
  ]);
}

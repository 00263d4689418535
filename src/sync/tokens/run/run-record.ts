import type { EntityManager } from "typeorm";
import { SyncMode, type SyncPhase, SyncRunState } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";

/** A SyncRun under way, and what it starts from. */
export interface SyncRunRecord {
  readonly tokenId: string;
  readonly id: string;
  readonly mode: SyncMode;
  /** Tells this beginning of the run from an earlier one whose worker may still believe in it. */
  readonly attempts: number;
  readonly locationId: string | null;
  /** The token has had no full synchronisation yet: what is found was there before us. */
  readonly first: boolean;
  readonly lastSyncAt: Date | null;
  readonly assetsVersionId: string | null;
  readonly assignmentsVersionId: string | null;
  readonly usersVersionId: string | null;
}

interface BegunRow {
  id: string;
  mode: SyncMode;
  attempts: number;
  location_id: string | null;
  last_sync_at: Date | null;
  last_full_sync_at: Date | null;
  assets_version_id: string | null;
  assignments_version_id: string | null;
  users_version_id: string | null;
}

/** Somebody else has begun or ended the run meanwhile: this worker stops, and what it had not committed is void. */
export class RunLostError extends Error {
  override readonly name = "RunLostError";
}

/**
 * Begins the token's open run, anew if it was begun before; null when there is none. What an earlier beginning has merged
 * stays counted. A DELTA without a basis is FULL.
 */
export async function beginRun(core: Core, tokenId: string): Promise<SyncRunRecord | null> {
  const begun = await row<BegunRow>(
    core.dataSource,
    `UPDATE sync_run SET state = '${SyncRunState.RUNNING}', error = NULL, phase = 'CONFIG', pages_read = 0, pages_known = 0,
            warnings = '{}',
            attempts = attempts + CASE WHEN phase IS NULL THEN 0 ELSE 1 END,
            mode = CASE WHEN token.last_full_sync_at IS NULL OR token.assignments_version_id IS NULL
                          OR token.users_version_id IS NULL THEN '${SyncMode.FULL}' ELSE mode END
     FROM token
     WHERE sync_run.token_id = $1 AND sync_run.ended_at IS NULL AND token.id = $1
     RETURNING sync_run.id, mode, attempts, location_id, last_sync_at, last_full_sync_at,
               assets_version_id, assignments_version_id, users_version_id`,
    [tokenId],
  );
  if (!begun) return null;
  return {
    tokenId,
    id: begun.id,
    mode: begun.mode,
    attempts: begun.attempts,
    locationId: begun.location_id,
    first: begun.last_full_sync_at === null,
    lastSyncAt: begun.last_sync_at,
    assetsVersionId: begun.assets_version_id,
    assignmentsVersionId: begun.assignments_version_id,
    usersVersionId: begun.users_version_id,
  };
}

/** Whether this worker still has the run, and it has not been ended. */
export async function isRunOurs(core: Core, run: SyncRunRecord): Promise<boolean> {
  const ours = await row(
    core.dataSource,
    "SELECT id FROM sync_run WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL",
    [run.tokenId, run.id, run.attempts],
  );
  return ours !== null;
}

/** Locks the run for the transaction. @throws RunLostError. */
export async function holdRun(tx: EntityManager, run: SyncRunRecord): Promise<void> {
  const held = await row(
    tx,
    `SELECT id FROM sync_run WHERE token_id = $1 AND id = $2 AND attempts = $3 AND state = '${SyncRunState.RUNNING}'
     FOR UPDATE`,
    [run.tokenId, run.id, run.attempts],
  );
  if (!held) throw new RunLostError(`The run ${run.id} is no longer this worker's`);
}

/** What a merge has done. */
export interface RowCounts {
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
}

export async function addRowCounts(tx: EntityManager, run: SyncRunRecord, counts: RowCounts): Promise<void> {
  await tx.query(
    `UPDATE sync_run SET rows_added = rows_added + $3, rows_changed = rows_changed + $4, rows_ended = rows_ended + $5
     WHERE token_id = $1 AND id = $2`,
    [run.tokenId, run.id, counts.added, counts.changed, counts.ended],
  );
}

/** The run reads everything after all. */
export async function becomeFull(core: Core, run: SyncRunRecord): Promise<SyncRunRecord> {
  await core.dataSource.query(
    `UPDATE sync_run SET mode = '${SyncMode.FULL}', pages_read = 0, pages_known = 0
     WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL`,
    [run.tokenId, run.id, run.attempts],
  );
  return { ...run, mode: SyncMode.FULL };
}

export async function enterPhase(core: Core, run: SyncRunRecord, phase: SyncPhase): Promise<void> {
  await core.dataSource.query(
    "UPDATE sync_run SET phase = $4 WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL",
    [run.tokenId, run.id, run.attempts, phase],
  );
}

export async function addWarnings(tx: EntityManager, run: SyncRunRecord, warnings: readonly string[]): Promise<void> {
  if (warnings.length === 0) return;
  await tx.query("UPDATE sync_run SET warnings = warnings || $3::text[] WHERE token_id = $1 AND id = $2", [
    run.tokenId,
    run.id,
    warnings,
  ]);
}

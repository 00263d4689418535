import type { EntityManager } from "typeorm";
import { SyncMode, SyncRunState, type SyncTrigger } from "../../entities/sync-run.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";

export interface SyncRequest {
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  /** Not before; at once when left out. */
  readonly at?: Date;
}

/**
 * Asks for a synchronisation. A token has one open run: if there is one it is returned, hurried up unless it has begun,
 * and a queued DELTA becomes FULL when that is what is asked for.
 * @returns the SyncRun's id.
 */
export async function requestSync(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  { mode, trigger, at }: SyncRequest,
): Promise<string> {
  const inserted = await row<{ id: string }>(
    tx,
    `INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (token_id) WHERE ended_at IS NULL DO NOTHING RETURNING id`,
    [tokenId, mode, trigger, SyncRunState.QUEUED, core.clock.now()],
  );
  const id = inserted?.id ?? (await joinOpenRun(tx, tokenId, mode));
  // It ended between the two statements: then there is room for a new one.
  if (id === null) return requestSync(tx, core, tokenId, { mode, trigger, ...(at ? { at } : {}) });
  await addJob(tx, "sync-token", { tokenId }, at ?? null);
  return id;
}

async function joinOpenRun(tx: EntityManager, tokenId: string, mode: SyncMode): Promise<string | null> {
  const open = await row<{ id: string }>(
    tx,
    `UPDATE sync_run SET mode = CASE WHEN state = '${SyncRunState.QUEUED}' AND $2 = '${SyncMode.FULL}' THEN $2 ELSE mode END
     WHERE token_id = $1 AND ended_at IS NULL RETURNING id`,
    [tokenId, mode],
  );
  return open?.id ?? null;
}

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

interface OpenRun {
  id: string;
  state: SyncRunState;
}

/**
 * Asks for a synchronisation. A token has one open run: if there is one it is returned, hurried up unless it has begun.
 * A DELTA becomes FULL when that is what is asked for: one that runs is begun anew, and its worker finds it lost. One that
 * runs as it should gets no further job, which would cut short the pause that it may end with.
 * @returns the SyncRun's id.
 */
export async function requestSync(
  tx: EntityManager,
  core: Pick<Core, "clock">,
  tokenId: string,
  { mode, trigger, at }: SyncRequest,
): Promise<string> {
  const inserted = await row<OpenRun>(
    tx,
    `INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (token_id) WHERE ended_at IS NULL DO NOTHING RETURNING id, state`,
    [tokenId, mode, trigger, SyncRunState.QUEUED, core.clock.now()],
  );
  const run = inserted ?? (await joinOpenRun(tx, tokenId, mode));
  // It ended between the two statements: then there is room for a new one.
  if (run === null) return requestSync(tx, core, tokenId, { mode, trigger, ...(at ? { at } : {}) });
  if (run.state === SyncRunState.QUEUED) await addJob(tx, "sync-token", { tokenId }, at ?? null);
  return run.id;
}

async function joinOpenRun(tx: EntityManager, tokenId: string, mode: SyncMode): Promise<OpenRun | null> {
  return row<OpenRun>(
    tx,
    `UPDATE sync_run
     SET mode = CASE WHEN raised THEN '${SyncMode.FULL}' ELSE mode END,
         state = CASE WHEN raised THEN '${SyncRunState.QUEUED}' ELSE state END,
         phase = CASE WHEN raised THEN NULL ELSE phase END, attempts = attempts + CASE WHEN raised THEN 1 ELSE 0 END
     FROM (SELECT id, $2 = '${SyncMode.FULL}' AND mode = '${SyncMode.DELTA}' AS raised FROM sync_run
           WHERE token_id = $1 AND ended_at IS NULL FOR UPDATE) open
     WHERE sync_run.token_id = $1 AND sync_run.id = open.id RETURNING sync_run.id, sync_run.state`,
    [tokenId, mode],
  );
}

import type { EntityManager } from "typeorm";
import type { SyncRunState, SyncTrigger } from "../../entities/sync-run.js";
import { row } from "../../queries/sql.js";

export interface OpenRun {
  readonly state: SyncRunState;
  readonly trigger: SyncTrigger;
  readonly error: string | null;
}

/**
 * The token's open run, locked. Whoever locks a token and asks for a synchronisation calls this first: a run that ends has
 * itself locked while it writes all it has read, and locks its token last.
 */
export function holdOpenRun(tx: EntityManager, tokenId: string): Promise<OpenRun | null> {
  return row<OpenRun>(
    tx,
    "SELECT state, trigger, error FROM sync_run WHERE token_id = $1 AND ended_at IS NULL FOR UPDATE",
    [tokenId],
  );
}

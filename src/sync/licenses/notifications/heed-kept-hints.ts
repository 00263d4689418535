import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../../entities/sync-run.js";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { requestSync } from "../../tokens/request-sync.js";
import { UNASKED_HEALTH } from "../../tokens/unasked-health.js";

/** After a run that has not shown it, a hint is followed once more this much later at the soonest. */
const PAUSE_MS = 15 * 60_000;

/**
 * Has read what Apple has hinted at and no run has shown: it failed, was cancelled, or the token did not work then. The
 * hint is followed again after as long as it has not been shown yet, so that runs which go on failing become rare.
 */
export async function heedKeptHints(tx: EntityManager, core: Core): Promise<void> {
  const kept = await rows<{ id: string }>(
    tx,
    `SELECT token.id FROM token
     CROSS JOIN LATERAL (SELECT ended_at FROM sync_run WHERE token_id = token.id ORDER BY started_at DESC, id DESC LIMIT 1) last
     WHERE token.hinted_at > COALESCE(token.last_sync_at, '-infinity') AND token.health_state <> ALL($1)
       AND last.ended_at + GREATEST($2 * interval '1 ms', last.ended_at - token.hinted_at) <= $3
     ORDER BY token.id`,
    [UNASKED_HEALTH, core.clock.scaled(PAUSE_MS), core.clock.now()],
  );
  for (const { id } of kept) {
    await requestSync(tx, core, id, { mode: SyncMode.DELTA, trigger: SyncTrigger.NOTIFICATION });
  }
}

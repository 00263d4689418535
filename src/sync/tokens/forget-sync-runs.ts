import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";

const KEPT_MS = 90 * 86_400_000;

/** However old they are: what was last done with a token that is hardly ever read stays visible. */
const NEWEST_KEPT = 20;

/** So many at once, so that no tick of the schedule waits for a great clearance; the next one goes on. */
const AT_ONCE = 5_000;

/** Forgets a token's synchronisations of more than 90 days ago: with many tokens, they are some millions a year. */
export async function forgetSyncRuns(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  const before = new Date(core.clock.now().getTime() - core.clock.scaled(KEPT_MS));
  await tx.query(
    `DELETE FROM sync_run WHERE token_id = $1 AND id = ANY (ARRAY(
       SELECT id FROM sync_run
       WHERE token_id = $1 AND ended_at IS NOT NULL AND started_at < $2
         AND started_at < (SELECT started_at FROM sync_run WHERE token_id = $1
                           ORDER BY started_at DESC, id DESC OFFSET ${NEWEST_KEPT - 1} LIMIT 1)
       ORDER BY started_at LIMIT ${AT_ONCE}
     ))`,
    [tokenId, before],
  );
}

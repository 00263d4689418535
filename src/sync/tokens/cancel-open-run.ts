import type { EntityManager } from "typeorm";
import { SyncRunState } from "../../entities/sync-run.js";
import type { Core } from "../core.js";

/**
 * Ends the token's open run, if there is one. Its worker, if it has one, finds it lost when it next tells of its progress,
 * at the latest before it merges, and gives up the reads that are under way. Before the token is locked, as `holdOpenRun`
 * says.
 */
export async function cancelOpenRun(tx: EntityManager, core: Pick<Core, "clock">, tokenId: string): Promise<void> {
  await tx.query(
    `UPDATE sync_run SET state = '${SyncRunState.CANCELLED}', ended_at = $2 WHERE token_id = $1 AND ended_at IS NULL`,
    [tokenId, core.clock.now()],
  );
}

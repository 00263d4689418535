import type { EntityManager } from "typeorm";
import type { SyncRunState } from "../../entities/sync-run.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { cancelOpenRun } from "./cancel-open-run.js";

/**
 * Ends a synchronisation that has not ended.
 * @throws AppError NOT_FOUND, or CONFLICT when it has ended already.
 */
export async function cancelSyncRun(tx: EntityManager, core: Core, { tokenId, id }: TokenScopedKey): Promise<void> {
  const run = await row<{ ended_at: Date | null; state: SyncRunState }>(
    tx,
    "SELECT ended_at, state FROM sync_run WHERE token_id = $1 AND id = $2 FOR UPDATE",
    [tokenId, id],
  );
  if (!run) throw new AppError("NOT_FOUND", "There is no such synchronisation.");
  if (run.ended_at) {
    throw new AppError("CONFLICT", `This synchronisation has ended (${run.state}): there is nothing to stop.`);
  }
  await cancelOpenRun(tx, core, tokenId);
}

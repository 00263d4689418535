import { SyncRunState } from "../../../entities/sync-run.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import type { SyncRunRecord } from "./run-record.js";

/** While Apple, or the product, is away a run is begun so often. */
const ATTEMPTS = 5;
/** Before the second beginning; twice as long before each further one. */
const FIRST_PAUSE_MS = 60_000;

export interface RunFailure {
  readonly message: string;
  /** It may be otherwise later. */
  readonly passing: boolean;
  /** Not before; milliseconds of real time. */
  readonly retryAfterMs: number | undefined;
}

/** Puts off a run that could not read, or ends it as FAILED; nothing is written when it is no longer this worker's. */
export async function afterFailure(core: Core, run: SyncRunRecord, failure: RunFailure): Promise<void> {
  const { tokenId, id, attempts } = run;
  core.log.warn({ tokenId, syncRunId: id, error: failure.message }, "A synchronisation could not read");
  const again = failure.passing && attempts + 1 < ATTEMPTS;
  await core.dataSource.transaction(async (tx) => {
    await tx.query(
      `UPDATE sync_run SET state = $4, error = $5, ended_at = $6
       WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL`,
      [
        tokenId,
        id,
        attempts,
        again ? SyncRunState.QUEUED : SyncRunState.FAILED,
        failure.message,
        again ? null : core.clock.now(),
      ],
    );
    if (!again) return;
    const pauseMs = Math.max(core.clock.scaled(FIRST_PAUSE_MS * 2 ** attempts), failure.retryAfterMs ?? 0);
    await addJob(tx, "sync-token", { tokenId }, new Date(core.clock.now().getTime() + pauseMs));
  });
}

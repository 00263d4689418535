import { SyncRunState } from "../../entities/sync-run.js";
import { Token, TokenAuthority } from "../../entities/token.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { changeHealth } from "./change-health.js";
import { mirrorTargetToken } from "./mirror-target-token.js";
import { performRun } from "./run/perform-run.js";
import { beginRun, RunLostError, type SyncRunRecord } from "./run/run-record.js";
import { withTokenLock } from "./run/token-lock.js";
import { accessToken, tokenErrorHealth } from "./token-access.js";

/** While Apple is away a run is begun so often. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 60_000;
/** Another worker has the token: look again after it has probably ended. */
const BUSY_PAUSE_MS = 30_000;

/**
 * Runs the token's open SyncRun, if there is one. One run a token goes at a time; one that a killed worker has left is
 * begun anew. While Apple is away it is put off four times, then FAILED.
 */
export async function syncToken(core: Core, { tokenId }: Jobs["sync-token"]): Promise<void> {
  const token = await core.dataSource.manager.findOne(Token, { where: { id: tokenId } });
  if (!token) return;
  const done = await withTokenLock(core, tokenId, async (client) => {
    const run = await beginRun(core, tokenId);
    if (!run) return;
    if (token.authority === TokenAuthority.TARGET) return mirrorTargetToken(core, token, run.id);
    const access = await accessToken(core, tokenId);
    if (!access) throw new Error(`Token ${tokenId} has no secret`);
    try {
      await performRun(core, access, run, client);
    } catch (error) {
      await afterFailure(core, run, error);
    }
  });
  if (!done) await syncLater(core, tokenId, core.clock.in(BUSY_PAUSE_MS));
}

async function afterFailure(core: Core, run: SyncRunRecord, error: unknown): Promise<void> {
  if (error instanceof RunLostError) return;
  if (!(error instanceof AppleError)) throw error;
  core.log.warn(
    { tokenId: run.tokenId, syncRunId: run.id, error: error.message },
    "A synchronisation could not read Apple",
  );
  const health = tokenErrorHealth(error);
  if (health) await core.dataSource.transaction((tx) => changeHealth(tx, core, run.tokenId, health));
  const again = error.kind === "retryable" && run.attempts + 1 < ATTEMPTS;
  await core.dataSource.transaction(async (tx) => {
    await tx.query(
      `UPDATE sync_run SET state = $4, error = $5, ended_at = $6
       WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL`,
      [
        run.tokenId,
        run.id,
        run.attempts,
        again ? SyncRunState.QUEUED : SyncRunState.FAILED,
        error.message,
        again ? null : core.clock.now(),
      ],
    );
    if (again) await addJob(tx, "sync-token", { tokenId: run.tokenId }, nextAttemptAt(core, run, error));
  });
}

function nextAttemptAt(core: Core, run: SyncRunRecord, error: AppleError): Date {
  const pauseMs = Math.max(core.clock.scaled(FIRST_PAUSE_MS * 2 ** run.attempts), error.retryAfterMs ?? 0);
  return new Date(core.clock.now().getTime() + pauseMs);
}

async function syncLater(core: Core, tokenId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "sync-token", { tokenId }, at));
}

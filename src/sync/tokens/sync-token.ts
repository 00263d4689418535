import type { PoolClient } from "pg";
import { Token, TokenAuthority } from "../../entities/token.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { type GiveWay, inOneGo } from "../targets/give-way.js";
import { mirrorTargetToken } from "./mirror-target-token.js";
import { recordRefusal } from "./record-refusal.js";
import { afterFailure } from "./run/after-failure.js";
import { ownFailure } from "./run/own-failure.js";
import { performRun } from "./run/perform-run.js";
import { beginRun, isRunOurs, RunLostError, type SyncRunRecord } from "./run/run-record.js";
import { withTokenLock } from "./run/token-lock.js";
import { accessToken } from "./token-access.js";

/** Another worker has the token: look again after it has probably ended. */
const BUSY_PAUSE_MS = 30_000;

const UNREADABLE = "The token's file cannot be opened here: its health says what to do.";

/**
 * Runs the token's open SyncRun, if there is one. One run a token goes at a time; one that a killed worker has left is
 * begun anew. While Apple is away it is put off four times, then FAILED.
 */
export async function syncToken(
  core: Core,
  { tokenId }: Jobs["sync-token"],
  giveWay: GiveWay = inOneGo,
): Promise<void> {
  const token = await core.dataSource.manager.findOne(Token, { where: { id: tokenId } });
  if (!token) return;
  const done = await withTokenLock(core, tokenId, async (client) => {
    const run = await beginRun(core, tokenId);
    if (!run) return;
    try {
      if (token.authority === TokenAuthority.TARGET) await mirrorTargetToken(core, token, run, client, giveWay);
      else await readFromApple(core, run, client);
    } catch (error) {
      await settleOwnFailure(core, run, error);
    }
  });
  if (done) await core.dataSource.transaction((tx) => addJob(tx, "check-token-alerts", { tokenId }));
  else await syncLater(core, tokenId, core.clock.in(BUSY_PAUSE_MS));
}

async function readFromApple(core: Core, run: SyncRunRecord, client: PoolClient): Promise<void> {
  const access = await accessToken(core, run.tokenId);
  if (!access) return afterFailure(core, run, { message: UNREADABLE, passing: false, retryAfterMs: undefined });
  try {
    await performRun(core, access, run, client);
  } catch (error) {
    await settleFailure(core, access, run, error);
  }
}

/** A run that is lost may find its tables gone. @throws whatever a new beginning of the job may mend. */
async function settleOwnFailure(core: Core, run: SyncRunRecord, error: unknown): Promise<void> {
  if (!(await isRunOurs(core, run))) return;
  const failure = ownFailure(core, run.tokenId, error);
  if (!failure) throw error;
  await afterFailure(core, run, failure);
}

/** A run that began with the file that was renewed meanwhile begins anew. @throws whatever is not Apple's fault. */
async function settleFailure(core: Core, access: AppleAccess, run: SyncRunRecord, error: unknown): Promise<void> {
  if (error instanceof RunLostError) return;
  if (!(error instanceof AppleError)) throw error;
  const refusal = await recordRefusal(core, access, error);
  const { message, kind, retryAfterMs } = error;
  const passing = kind === "retryable" || refusal === "outdated";
  await afterFailure(core, run, { message, passing, retryAfterMs: retryAfterMs ?? undefined });
}

async function syncLater(core: Core, tokenId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "sync-token", { tokenId }, at));
}

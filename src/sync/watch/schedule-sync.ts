import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { Token, TokenHealthState } from "../../entities/token.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { forgetSyncRuns } from "../tokens/forget-sync-runs.js";
import { fullSyncDue } from "../tokens/full-sync-due.js";
import { isScheduled } from "../tokens/next-sync-at.js";
import { recheckDuplicate } from "../tokens/recheck-duplicate.js";
import { requestSync } from "../tokens/request-sync.js";

const DAY_MS = 24 * 60 * 60_000;

/**
 * Asks for a token's synchronisation: everything every FULL_SYNC_DAYS, and while the database is not trusted; what changed
 * otherwise. A token that does not work is looked at again instead: it may have been mended at Apple, or the other token of
 * its location be gone. What was read long ago is forgotten.
 */
export async function scheduleSync(core: Core, { tokenId }: Jobs["schedule-sync"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  if (!token || token.removingAt !== null || token.health.state === TokenHealthState.SUSPENDED) return;
  if (token.health.state === TokenHealthState.DUPLICATE_LOCATION) return recheckDuplicate(core, token);
  await core.dataSource.transaction(async (tx) => {
    await forgetSyncRuns(tx, core, tokenId);
    if (!isScheduled(token)) return addJob(tx, "verify-token", { tokenId });
    // It can be read, but only Apple's answer to a claim tells whether it may write by now.
    if (token.health.state === TokenHealthState.READ_ONLY) await addJob(tx, "verify-token", { tokenId });
    const periodMs = core.clock.scaled(core.policy.fullSyncDays * DAY_MS);
    const full = token.distrustedAt !== null || fullSyncDue(tokenId, token.lastFullSyncAt, core.clock.now(), periodMs);
    await requestSync(tx, core, tokenId, {
      mode: full ? SyncMode.FULL : SyncMode.DELTA,
      trigger: SyncTrigger.SCHEDULE,
    });
  });
}

import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { Token, TokenHealthState } from "../../entities/token.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { requestSync } from "../tokens/request-sync.js";

const DAY = 24 * 60 * 60_000;

/** States in which Apple has nothing to say to us. */
const SILENT: readonly TokenHealthState[] = [
  TokenHealthState.EXPIRED,
  TokenHealthState.REVOKED,
  TokenHealthState.INVALID,
  TokenHealthState.SUSPENDED,
];

/**
 * Asks for a token's synchronisation: everything every FULL_SYNC_DAYS, what changed otherwise. A token that does not work
 * is looked at again instead: it may have been mended at Apple.
 */
export async function scheduleSync(core: Core, { tokenId }: Jobs["schedule-sync"]): Promise<void> {
  const token = await core.dataSource.manager.findOneBy(Token, { id: tokenId });
  if (!token || token.health.state === TokenHealthState.SUSPENDED) return;
  await core.dataSource.transaction(async (tx) => {
    if (SILENT.includes(token.health.state)) return addJob(tx, "verify-token", { tokenId });
    const fullSince = core.clock.now().getTime() - core.clock.scaled(core.policy.fullSyncDays * DAY);
    const full = token.lastFullSyncAt === null || token.lastFullSyncAt.getTime() <= fullSince;
    await requestSync(tx, core, tokenId, {
      mode: full ? SyncMode.FULL : SyncMode.DELTA,
      trigger: SyncTrigger.SCHEDULE,
    });
  });
}

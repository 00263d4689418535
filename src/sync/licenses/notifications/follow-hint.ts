import type { EntityManager } from "typeorm";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../entities/sync-run.js";
import type { TokenHealthState } from "../../../entities/token.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { hintedSyncAt } from "../../tokens/hinted-sync-at.js";
import type { OpenRun } from "../../tokens/hold-open-run.js";
import { requestSync } from "../../tokens/request-sync.js";
import { UNASKED_HEALTH } from "../../tokens/unasked-health.js";

/** A hint that something has changed at Apple. */
export interface Hint {
  /** When it came: only a reading that begins later can show what it told of. */
  readonly at: Date;
  /** People wait for it. */
  readonly atOnce: boolean;
}

/**
 * Has what was hinted at read by a DELTA, one for many hints. A run that has not begun will show it, too, and keeps its
 * time; one that goes on is followed by another, which its end asks for, since the hint is kept with the token. What no
 * run shows, `heedKeptHints` follows later: also what came while Apple would not have answered,
 * or while the token was paused.
 * @param openRun as `holdOpenRun` answered it.
 */
export async function followHint(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  openRun: OpenRun | null,
  hints: readonly Hint[],
): Promise<void> {
  const newest = new Date(Math.max(...hints.map(({ at }) => at.getTime())));
  const atOnce = hints.some((hint) => hint.atOnce);
  const token = await row<{ health_state: TokenHealthState; last_sync_at: Date | null }>(
    tx,
    "UPDATE token SET hinted_at = GREATEST(hinted_at, $2) WHERE id = $1 RETURNING health_state, last_sync_at",
    [tokenId, newest],
  );
  if (!token || UNASKED_HEALTH.includes(token.health_state)) return;
  if (openRun && !(atOnce && waitsForHints(openRun))) return;
  await requestSync(tx, core, tokenId, {
    mode: SyncMode.DELTA,
    trigger: SyncTrigger.NOTIFICATION,
    ...(atOnce ? {} : { at: hintedSyncAt(core, token.last_sync_at) }),
  });
}

/** Any other run that waits does so for a reason of its own, such as Apple's absence or a second look at a loss. */
function waitsForHints({ state, trigger, error }: OpenRun): boolean {
  return state === SyncRunState.QUEUED && trigger === SyncTrigger.NOTIFICATION && error === null;
}

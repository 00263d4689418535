import { syncOffset } from "./sync-offset.js";

/**
 * Whether a token's turn to be read in full has come since it last was. Each token has its own moment in the period, so that
 * tokens that were added together are not read in full together.
 * @param periodMs between two turns, in milliseconds.
 */
export function fullSyncDue(tokenId: string, lastFullSyncAt: Date | null, now: Date, periodMs: number): boolean {
  if (lastFullSyncAt === null) return true;
  const turnsUntil = (at: Date) => Math.floor(at.getTime() / periodMs - syncOffset(tokenId, "period"));
  return turnsUntil(lastFullSyncAt) < turnsUntil(now);
}

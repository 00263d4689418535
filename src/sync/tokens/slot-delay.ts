import type { Core } from "../core.js";
import { syncOffset } from "./sync-offset.js";

/** Over how long the synchronisations of many tokens are spread. */
export const SPREAD_MS = 60 * 60_000;

/** A single token is not made to wait for others. */
export const SPREAD_FROM = 10;

/** How long after the tick of the schedule a token is read, in milliseconds, where there are so many tokens. */
export function slotDelay(core: Core, tokenId: string, tokens: number): number {
  return tokens < SPREAD_FROM ? 0 : core.clock.scaled(syncOffset(tokenId, "slot") * SPREAD_MS);
}

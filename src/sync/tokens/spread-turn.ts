import type { Core } from "../core.js";
import { slotDelay } from "./slot-delay.js";

/** When a token's turn comes, of so many whose work is asked for at one moment; null for at once. */
export function spreadTurn(core: Core, from: Date, tokenId: string, tokens: number): Date | null {
  const delayMs = slotDelay(core, tokenId, tokens);
  return delayMs === 0 ? null : new Date(from.getTime() + delayMs);
}

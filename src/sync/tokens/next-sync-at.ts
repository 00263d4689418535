import { createTask } from "node-cron";
import { type Token, TokenAuthority, TokenHealthState } from "../../entities/token.js";
import type { LastSlot } from "../../queries/last-slot.js";
import type { Core } from "../core.js";
import { SILENT_HEALTH } from "./silent-health.js";
import { slotDelay } from "./slot-delay.js";

/** States in which nobody wants it read, or another token reads the location. */
export const UNREAD: readonly TokenHealthState[] = [TokenHealthState.SUSPENDED, TokenHealthState.DUPLICATE_LOCATION];

/** Whether the schedule reads a token; of one that an MDM owns, that MDM tells whether it works again. */
export function isScheduled({ removingAt, authority, health }: Token): boolean {
  if (removingAt !== null || UNREAD.includes(health.state)) return false;
  return authority === TokenAuthority.TARGET || !SILENT_HEALTH.includes(health.state);
}

/** When the schedule next reads a token; null when it does not. A notification or `syncToken` may come first. */
export function nextSyncAt(core: Core, token: Token, last: LastSlot): Date | null {
  if (!isScheduled(token)) return null;
  const delayMs = slotDelay(core, token.id, last.tokens);
  const present = last.takenAt === null ? 0 : last.takenAt.getTime() + delayMs;
  if (present > core.clock.now().getTime()) return new Date(present);
  const next = nextTick(core.policy.syncCron);
  return next && new Date(next.getTime() + delayMs);
}

/** The next tick of each schedule, kept until it has passed: to work it out costs a millisecond. */
const ticks = new Map<string, Date>();

export function nextTick(cron: string): Date | null {
  const known = ticks.get(cron);
  if (known && known.getTime() > Date.now()) return known;
  const task = createTask(cron, () => undefined, { timezone: "UTC" });
  const [next = null] = task.getNextRuns(1);
  void task.destroy();
  if (next) ticks.set(cron, next);
  return next;
}

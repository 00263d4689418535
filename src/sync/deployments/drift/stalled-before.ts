import type { Clock } from "../../core.js";

/** So long an app may take from its licence to the device before that is a drift: devices that are on report within a day. */
const STALLED_AFTER_MS = 24 * 60 * 60_000;

/** Who was licensed before this moment, and shows no app yet, shows none for too long. */
export function stalledBefore(clock: Clock): Date {
  return new Date(clock.now().getTime() - clock.scaled(STALLED_AFTER_MS));
}

import type { Switches } from "./switches.js";

/** The header as the switch `retryAfter` spells it; a date has whole seconds, so it is rounded up. */
export function retryAfterHeaders(
  seconds: number | undefined,
  spelling: Switches["retryAfter"],
): Record<string, string> {
  if (seconds === undefined || spelling === "none") return {};
  if (spelling === "seconds") return { "retry-after": String(Math.ceil(seconds)) };
  const at = Math.ceil((Date.now() + seconds * 1000) / 1000) * 1000;
  return { "retry-after": new Date(at).toUTCString() };
}

const WHOLE_SECONDS = /^\d+$/;
/** A mistaken header must not silence a token for months. */
const LONGEST_MS = 3_600_000;

/**
 * A `Retry-After` header in milliseconds from now, an hour at most: seconds, as Apple documents, or an HTTP date, as it
 * once did.
 */
export function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (WHOLE_SECONDS.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now.getTime()), LONGEST_MS);
}

const WHOLE_SECONDS = /^\d{1,7}$/;

/** A `Retry-After` header in milliseconds from now: seconds, as Apple documents, or an HTTP date, as it once did. */
export function retryAfterMs(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (WHOLE_SECONDS.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

const APPLE_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:Z|([+-])(\d\d):?(\d\d))$/;
const MINUTE_MS = 60_000;

/**
 * A date in Apple's spelling, `2031-02-03T04:05:06+0000`; `Z` and an offset with a colon are accepted, too. Null for
 * anything else, a day that no calendar has included.
 */
export function parseAppleDate(text: string): Date | null {
  const [, year, month, day, hour, minute, second, sign, hours, minutes] = APPLE_DATE.exec(text) ?? [];
  if (year === undefined) return null;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const utc = new Date(`${local}Z`);
  if (Number.isNaN(utc.getTime()) || utc.toISOString().slice(0, 19) !== local) return null;
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === "-" ? -1 : 1);
  return new Date(utc.getTime() - offset * MINUTE_MS);
}

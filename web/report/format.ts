const NUMBER = new Intl.NumberFormat("en-GB");
const ONE_DECIMAL = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

const DAY_MS = 24 * 60 * 60_000;

export function formatCount(count: number): string {
  return NUMBER.format(count);
}

export function formatPace(perDay: number): string {
  return ONE_DECIMAL.format(perDay);
}

/** A day, in UTC: `30 Nov 2026`. */
export function formatDay(stamp: string | Date): string {
  return DAY.format(new Date(stamp));
}

/** A moment, where the reader is: `30 Nov 2026, 13:40`. */
export function formatMoment(stamp: string): string {
  return MOMENT.format(new Date(stamp));
}

/** Whole days from now on; negative for what is past. */
export function daysUntil(stamp: string): number {
  return Math.floor((new Date(stamp).getTime() - Date.now()) / DAY_MS);
}

/** `in 41 days`, `tomorrow`, `3 days ago`. */
export function formatDistance(days: number): string {
  return new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" }).format(days, "day");
}

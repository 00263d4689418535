const DAY_MS = 86_400_000;

/**
 * Which of the warnings before a token's end is due: the smallest of these numbers of days that are left at most, 0 once it
 * has expired, null while there is more time than all of them. Calendar days: no TIME_SCALE divides them.
 */
export function expiryLevel(expiresAt: Date, now: Date, warningDays: readonly number[]): number | null {
  const leftMs = expiresAt.getTime() - now.getTime();
  if (leftMs <= 0) return 0;
  const due = warningDays.filter((days) => leftMs <= days * DAY_MS);
  return due.length === 0 ? null : Math.min(...due);
}

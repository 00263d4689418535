/** So long the end of something is told to who subscribes anew, in milliseconds of real time. */
const LATELY_MS = 3_600_000;

/** What has ended at this moment or later is told to who subscribes now: it may have been cut off when that was told. */
export function endedLately(now: Date): Date {
  return new Date(now.getTime() - LATELY_MS);
}

/** Apple's date spelling: UTC, seconds, a numeric offset without a colon, e.g. `2031-02-03T04:05:06+0000`. */
export function appleDate(time: Date): string {
  return `${time.toISOString().slice(0, 19)}+0000`;
}

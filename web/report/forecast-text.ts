import { daysUntil, formatDay, formatDistance, formatPace } from "./format.js";
import type { Forecast } from "./queries.js";

interface Stock {
  /** Null without a limit. */
  readonly free: number | null;
  readonly waiting: number;
}

/** Where the stock is heading, in a sentence. */
export function forecastText({ perDay, basedOnDays, endsAt }: Forecast, { free, waiting }: Stock): string {
  if (free === 0) return `None is free, and ${waiting > 0 ? "somebody" : "nobody"} waits.`;
  if (perDay === null) {
    return `No forecast yet: ${basedOnDays === 1 ? "one day is" : `${basedOnDays} days are`} known, and it takes seven.`;
  }
  const pace = `Over ${basedOnDays} days, ${paceText(perDay)}`;
  if (endsAt === null) return `${pace}: the licences last.`;
  return `${pace}: the last free licence goes ${formatDistance(Math.max(daysUntil(endsAt), 0))}, on ${formatDay(endsAt)}.`;
}

function paceText(perDay: number): string {
  const pace = formatPace(Math.abs(perDay));
  if (pace === "0") return "the demand stayed the same";
  return `${pace} ${perDay > 0 ? "more" : "fewer"} licences were wanted each day`;
}

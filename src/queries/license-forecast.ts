import type { DataSource } from "typeorm";
import { FREE_SQL, UNLIMITED } from "../entities/store-app.js";
import { DAILY_COUNTS_SQL, periodOf } from "./license-history.js";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

const DAY_MS = 24 * 60 * 60_000;
/** The past that the trend is taken from. */
const DAYS_LOOKED_BACK = 90;
/** Fewer days are no trend. */
const LEAST_DAYS = 7;
/** Further ahead is not told: the trend will not last so long. */
const MOST_DAYS_AHEAD = 3_650;

/** Where the stock of an app is heading, if things go on as they did. */
export interface Forecast {
  /** Licences that more are wanted by each day, by the line that fits the past days best; null without a trend. */
  readonly perDay: number | null;
  readonly basedOnDays: number;
  /** Null when it does not end within ten years as things go. */
  readonly endsAt: Date | null;
}

interface Trend {
  readonly perDay: number | null;
  readonly days: number;
  readonly free: number | null;
  readonly waiting: number;
}

/** What is wanted (held, or waited for) over the past 90 days, drawn on against what is free now. */
export async function licenseForecasts(db: DataSource, now: Date, storeApps: readonly NodeKey[]): Promise<Forecast[]> {
  const { from, to } = periodOf(new Date(now.getTime() - DAYS_LOOKED_BACK * DAY_MS), null, now);
  const trends = await rows<Trend>(
    db,
    `WITH daily AS (${DAILY_COUNTS_SQL})
     SELECT trend."perDay", coalesce(trend.days, 0)::int AS days, waiting.count AS waiting,
            CASE WHEN app.total_count <> ${UNLIMITED} THEN ${FREE_SQL} END AS free
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked(token_id, id, ordinal)
     JOIN store_app app ON app.token_id = asked.token_id AND app.id = asked.id
     CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM installation WHERE token_id = app.token_id
                         AND store_app_id = app.id AND state = 'WAITING_FOR_LICENSE') waiting
     LEFT JOIN (SELECT ordinal, count(*) AS days,
                       regr_slope(held + waiting, extract(epoch FROM day) / 86400) AS "perDay"
                FROM daily GROUP BY ordinal) trend ON trend.ordinal = asked.ordinal
     ORDER BY asked.ordinal`,
    [storeApps.map(([tokenId]) => tokenId), storeApps.map(([, id]) => id), from, to],
  );
  return trends.map((trend) => forecast(trend, now));
}

function forecast({ perDay, days, free, waiting }: Trend, now: Date): Forecast {
  const known = days >= LEAST_DAYS ? perDay : null;
  return { perDay: known, basedOnDays: days, endsAt: endOf(free, waiting, known, now) };
}

function endOf(free: number | null, waiting: number, perDay: number | null, now: Date): Date | null {
  if (free === null) return null;
  if (free === 0 && waiting > 0) return now;
  if (perDay === null || perDay <= 0) return null;
  const days = free / perDay;
  return days > MOST_DAYS_AHEAD ? null : new Date(now.getTime() + days * DAY_MS);
}

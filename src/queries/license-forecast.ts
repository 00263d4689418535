import type { DataSource } from "typeorm";
import { FREE_SQL, UNLIMITED } from "../entities/store-app.js";
import { dailyCountsSql, type Period, periodOf } from "./license-history.js";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

const DAY_MS = 24 * 60 * 60_000;
/** So far back lie the days that the trend is taken from. */
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

/** What is wanted (held, or waited for) over the past 90 days, drawn on against what is free now. */
export async function licenseForecasts(db: DataSource, now: Date, storeApps: readonly NodeKey[]): Promise<Forecast[]> {
  const { from, to } = forecastPeriod(now);
  const asked = "unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS app(token_id, id, ordinal)";
  const text = forecastSql({ apps: asked, from: "$3::timestamptz", to: "$4::timestamptz", now: "$5::timestamptz" });
  const keys = [storeApps.map(([tokenId]) => tokenId), storeApps.map(([, id]) => id)];
  return rows<Forecast>(db, `${text} ORDER BY asked.ordinal`, [...keys, from, to, now]);
}

/** The past that the trend is taken from. */
export function forecastPeriod(now: Date): Period {
  return periodOf(new Date(now.getTime() - DAYS_LOOKED_BACK * DAY_MS), null, now);
}

/** SQL for the same, a row an app; see `dailyCountsSql` for the parameters. */
export function forecastSql({
  now,
  ...period
}: Parameters<typeof dailyCountsSql>[0] & { readonly now: string }): string {
  return `
    WITH asked AS (SELECT app.ordinal, app.token_id, app.id FROM ${period.apps}), daily AS (${dailyCountsSql(period)})
    SELECT known."perDay", coalesce(trend.days, 0)::int AS "basedOnDays",
           CASE WHEN stock.free = 0 AND waiting.count > 0 THEN ${now}
                WHEN known."perDay" > 0 AND stock.free / known."perDay" <= ${MOST_DAYS_AHEAD}
                THEN date_trunc('milliseconds', ${now} + stock.free / known."perDay" * interval '86400 seconds') END AS "endsAt"
    FROM asked
    JOIN store_app app ON app.token_id = asked.token_id AND app.id = asked.id
    CROSS JOIN LATERAL (SELECT CASE WHEN app.total_count <> ${UNLIMITED} THEN ${FREE_SQL} END AS free) stock
    CROSS JOIN LATERAL (SELECT count(*) AS count FROM installation WHERE token_id = app.token_id
                        AND store_app_id = app.id AND state = 'WAITING_FOR_LICENSE') waiting
    LEFT JOIN (SELECT ordinal, count(*) AS days,
                      regr_slope(held + waiting, extract(epoch FROM day) / 86400) AS slope
               FROM daily GROUP BY ordinal) trend ON trend.ordinal = asked.ordinal
    CROSS JOIN LATERAL (SELECT CASE WHEN trend.days >= ${LEAST_DAYS} THEN trend.slope END AS "perDay") known`;
}

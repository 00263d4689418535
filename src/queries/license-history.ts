import type { DataSource } from "typeorm";
import { UNLIMITED } from "../entities/store-app.js";
import { AppError } from "../errors.js";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

const DAY_MS = 24 * 60 * 60_000;
/** Three years. */
const MOST_DAYS = 1_100;

/** An app's counts as a day (UTC) began. */
export interface HistoryDay {
  readonly day: Date;
  /** Null when unlimited. */
  readonly bought: number | null;
  readonly assigned: number;
  readonly retired: number;
  readonly held: number;
  /** Null when unlimited. */
  readonly free: number | null;
  readonly waiting: number;
}

/** Days from `from` to `to`, both included. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/**
 * The days of a period, cut to whole days (UTC) and at today.
 * @throws AppError INVALID_INPUT when it ends before it begins; LIMIT_EXCEEDED for more than 1,100 days.
 */
export function periodOf(from: Date, to: Date | null | undefined, now: Date): Period {
  const end = dayOf(new Date(Math.min((to ?? now).getTime(), now.getTime())));
  const begin = dayOf(from);
  if (to && to < from)
    throw new AppError("INVALID_INPUT", "The period ends before it begins. Exchange `from` and `to`.");
  const days = (end.getTime() - begin.getTime()) / DAY_MS + 1;
  if (days > MOST_DAYS) {
    throw new AppError("LIMIT_EXCEEDED", `At most ${MOST_DAYS} days are told at once. Ask for parts of the period.`, {
      kind: "days",
      limit: MOST_DAYS,
      asked: days,
    });
  }
  return { from: begin, to: end };
}

/** How many days a period may have, before it is known whether it is one; no more than are told at once. */
export function mostDays(from: Date, to: Date): number {
  const days = (dayOf(to).getTime() - dayOf(from).getTime()) / DAY_MS + 1;
  return Math.min(Math.max(days, 0), MOST_DAYS);
}

/** The midnight (UTC) at which a moment's day began. */
function dayOf(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS);
}

/** What `dailyCountsSql` is about, each SQL. */
interface DailyCounts {
  /** Rows named `app`, with `token_id`, `id` and `ordinal`. */
  readonly apps: string;
  /** Moments within the first and the last day. */
  readonly from: string;
  readonly to: string;
}

/**
 * SQL for apps' counts, day by day. Only changes are stored: a row stands for the days until the next, as far as counts were
 * taken of them.
 */
export function dailyCountsSql({ apps, from, to }: DailyCounts): string {
  return `
  SELECT app.ordinal, taken.day::timestamp AT TIME ZONE 'UTC' AS day, NULLIF(kept.total_count, ${UNLIMITED}) AS bought, kept.assigned_count AS assigned, kept.retired_count AS retired,
         kept.held_count AS held, kept.free_count AS free, kept.waiting_count AS waiting
  FROM ${apps}
  JOIN LATERAL (
    SELECT snapshot.*, lead(day) OVER (ORDER BY day) AS next FROM count_snapshot snapshot
    WHERE snapshot.token_id = app.token_id AND snapshot.store_app_id = app.id AND snapshot.day <= (${to} AT TIME ZONE 'UTC')::date
  ) kept ON true
  JOIN snapshot_day taken
    ON taken.day BETWEEN GREATEST(kept.day, (${from} AT TIME ZONE 'UTC')::date)
                     AND LEAST(kept.next - 1, (${to} AT TIME ZONE 'UTC')::date)`;
}

/** How each app's counts were, day by day; days before its first snapshot, or of which none was taken, are left out. */
export async function licenseHistory(
  db: DataSource,
  storeApps: readonly NodeKey[],
  { from, to }: Period,
): Promise<HistoryDay[][]> {
  const text = dailyCountsSql({
    apps: "unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS app(token_id, id, ordinal)",
    from: "$3::timestamptz",
    to: "$4::timestamptz",
  });
  const found = await rows<HistoryDay & { ordinal: string }>(db, `${text} ORDER BY app.ordinal, taken.day`, [
    storeApps.map(([tokenId]) => tokenId),
    storeApps.map(([, id]) => id),
    from,
    to,
  ]);
  const histories: HistoryDay[][] = storeApps.map(() => []);
  for (const { ordinal, ...day } of found) histories[Number(ordinal) - 1]?.push(day);
  return histories;
}

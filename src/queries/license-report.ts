import type { DataSource } from "typeorm";
import { FREE_SQL, type ProductType, UNLIMITED } from "../entities/store-app.js";
import type { NodeKey } from "./node-key.js";
import { type Scoped, scopeOrAll, withToken } from "./scopes.js";
import { row, rows } from "./sql.js";

/** Sums over the apps, or the books, that Apple lists, without unlimited items (rule 4). */
export interface LicenseTotals {
  readonly apps: number;
  readonly bought: number;
  readonly assigned: number;
  readonly held: number;
  readonly free: number;
  readonly waiting: number;
  readonly retired: number;
  /** When Apple was last asked for the oldest of the counts, which may have been found unchanged; null without apps. */
  readonly asOf: Date | null;
}

/** The totals of one token, or of all that the teams see. */
export async function licenseTotals(
  { db, teams }: Scoped,
  tokenId: string | null,
  productType: ProductType,
): Promise<LicenseTotals> {
  const totals = await row<LicenseTotals>(db, licenseTotalsSql("$1::uuid", "$2", "$3::text[]"), [
    tokenId,
    productType,
    teams,
  ]);
  return totals as LicenseTotals;
}

/**
 * SQL for the same, as one row; each parameter is SQL, the first and the last of values that may be null. It goes over the apps once:
 * kept for several looks, a million of them would be written to disk.
 */
export function licenseTotalsSql(tokenId: string, productType: string, teams: string): string {
  const listed = `app.unlisted_at IS NULL AND app.product_type = ${productType}
    AND (${tokenId} IS NULL OR app.token_id = ${tokenId}) AND ${scopeOrAll(withToken, "app", teams)}`;
  const bounded = `app.total_count <> ${UNLIMITED}`;
  const sum = (count: string) => `coalesce(sum(${count}) FILTER (WHERE ${bounded}), 0)::float8`;
  return `
    SELECT count(*) FILTER (WHERE ${bounded})::int AS apps, ${sum("app.total_count")} AS bought,
           ${sum("app.assigned_count")} AS assigned, ${sum("app.held_count")} AS held,
           ${sum("app.retired_count")} AS retired, ${sum(FREE_SQL)} AS free,
           (SELECT count(*)
            FROM installation
            JOIN store_app AS app ON app.token_id = installation.token_id AND app.id = installation.store_app_id
            WHERE installation.state = 'WAITING_FOR_LICENSE' AND ${bounded} AND ${listed})::int AS waiting,
           min(GREATEST(app.counts_at, token.last_sync_at)) AS "asOf"
    FROM store_app AS app
    JOIN token ON token.id = app.token_id
    WHERE ${listed}`;
}

/** How many installations of each app wait for a licence. */
export async function countWaiting(db: DataSource, storeApps: readonly NodeKey[]): Promise<number[]> {
  const counts = await rows<{ waiting: number }>(
    db,
    `SELECT (SELECT count(*) FROM installation
             WHERE token_id = app.token_id AND store_app_id = app.id AND state = 'WAITING_FOR_LICENSE')::int AS waiting
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS app(token_id, id, ordinal)
     ORDER BY app.ordinal`,
    [storeApps.map(([tokenId]) => tokenId), storeApps.map(([, id]) => id)],
  );
  return counts.map(({ waiting }) => waiting);
}

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
  const totals = await row<LicenseTotals>(
    db,
    `WITH app AS (
       SELECT * FROM store_app AS app
       WHERE app.unlisted_at IS NULL AND app.product_type = $3 AND ($1::uuid IS NULL OR app.token_id = $1)
         AND ${scopeOrAll(withToken, "app", "$4::text[]")}
     ), waiting AS (
       SELECT count(*) AS count
       FROM installation JOIN app ON app.token_id = installation.token_id AND app.id = installation.store_app_id
       WHERE installation.state = 'WAITING_FOR_LICENSE' AND app.total_count <> $2
     )
     SELECT count(*)::int AS apps,
            coalesce(sum(total_count), 0)::float8 AS bought, coalesce(sum(assigned_count), 0)::float8 AS assigned,
            coalesce(sum(held_count), 0)::float8 AS held, coalesce(sum(retired_count), 0)::float8 AS retired,
            coalesce(sum(${FREE_SQL}), 0)::float8 AS free,
            (SELECT count FROM waiting)::int AS waiting,
            (SELECT min(GREATEST(app.counts_at, token.last_sync_at))
             FROM app JOIN token ON token.id = app.token_id) AS "asOf"
     FROM app WHERE app.total_count <> $2`,
    [tokenId, UNLIMITED, productType, teams],
  );
  return totals as LicenseTotals;
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

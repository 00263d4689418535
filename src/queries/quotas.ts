import type { NodeKey } from "./node-key.js";
import { type Reader, rows } from "./sql.js";

/** What one living reservation of an app keeps. */
export interface Quota {
  readonly reservationId: string;
  readonly collectionId: string;
  /** Licences of the app that the collection uses. */
  readonly used: number;
  /** What it may still use of its quota: kept from all others. */
  readonly unfilled: number;
}

/**
 * SQL for the quotas of a store app (alias `app`), the oldest first: a row a reservation that is alive. A licence is used
 * by a collection while an installation uses it whose member belongs to a deployment to that collection. One that serves
 * several collections fills the oldest of their quotas, and only that.
 * @param now the parameter that holds the time, e.g. `$3`
 */
export function quotasSql(now: string): string {
  const living = (alias: string) =>
    `${alias}.token_id = app.token_id AND ${alias}.store_app_id = app.id AND ${alias}.ended_at IS NULL AND ${alias}.until > ${now}`;
  return `
    SELECT reservation.id AS "reservationId", reservation.collection_id AS "collectionId",
           COALESCE(filled.used, 0) AS used, GREATEST(reservation.count - COALESCE(filled.used, 0), 0) AS unfilled
    FROM reservation LEFT JOIN (
      SELECT id, count(*)::int AS used FROM (
        SELECT min(quota.id) AS id
        FROM reservation quota
        JOIN deployment ON deployment.token_id = quota.token_id AND deployment.store_app_id = quota.store_app_id
                       AND deployment.collection_id = quota.collection_id
        JOIN installation i ON i.token_id = deployment.token_id AND i.deployment_id = deployment.id
                           AND i.license_id IS NOT NULL AND i.left_at IS NULL
        JOIN license ON license.token_id = i.token_id AND license.id = i.license_id AND license.ended_at IS NULL
        WHERE ${living("quota")}
        GROUP BY license.id
      ) served GROUP BY id
    ) filled ON filled.id = reservation.id
    WHERE ${living("reservation")}
    ORDER BY reservation.id`;
}

/** The quotas of each app, in one statement. */
export async function readQuotas(db: Reader, storeApps: readonly NodeKey[], now: Date): Promise<Quota[][]> {
  const found = await rows<Quota & { ordinal: number }>(
    db,
    `SELECT (app.ordinal - 1)::int AS ordinal, quota.*
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS app(token_id, id, ordinal)
     CROSS JOIN LATERAL (${quotasSql("$3")}) AS quota
     ORDER BY app.ordinal, quota."reservationId"`,
    [storeApps.map(([tokenId]) => tokenId), storeApps.map(([, id]) => id), now],
  );
  return storeApps.map((_, ordinal) => found.filter((quota) => quota.ordinal === ordinal));
}

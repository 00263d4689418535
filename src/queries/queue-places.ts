import type { DataSource } from "typeorm";
import type { NodeKey } from "./node-key.js";
import { quotasSql } from "./quotas.js";
import { rows } from "./sql.js";
import { TURN_SQL } from "./turn-sql.js";

/** Where an installation stands among those who wait for a licence of its app. */
export interface QueuePlace {
  /** From 1. */
  readonly position: number;
  /** The reservation that keeps licences for it; null in the lane of all. */
  readonly reservationId: string | null;
  readonly priority: number;
  readonly queuedAt: Date;
}

/**
 * The places of these installations, in one statement; null for one that does not wait for stock. Each reservation is a
 * lane: the first of its collection, as many as it has left to fill. All others of the app are the lane of all, and wait for
 * what is kept for nobody. Who waits for the own last licence to come back competes with nobody.
 */
export async function queuePlaces(
  db: DataSource,
  installations: readonly NodeKey[],
  now: Date,
): Promise<(QueuePlace | null)[]> {
  const places = await rows<QueuePlace & { ordinal: number }>(db, PLACES_SQL, [
    installations.map(([tokenId]) => tokenId),
    installations.map(([, id]) => id),
    now,
  ]);
  const byOrdinal = new Map(places.map((place) => [place.ordinal, place]));
  return installations.map((_, ordinal) => byOrdinal.get(ordinal) ?? null);
}

/** The app's installations that wait, of deployments that are its own, so that an index has all there is to know. */
const WAITING = `i.token_id = app.token_id AND i.store_app_id = app.id AND i.deployment_id = deployment.id
  AND i.state = 'WAITING_FOR_LICENSE'`;

/**
 * Nobody behind the last of those who are asked for is looked at. NOT IN has PostgreSQL hash those apart, however few it
 * believes they are.
 */
const PLACES_SQL = `
WITH asked AS MATERIALIZED (
  SELECT i.token_id, i.store_app_id, i.id, deployment.priority, i.queued_at
  FROM unnest($1::uuid[], $2::bigint[]) AS key(token_id, id)
  JOIN installation i ON i.token_id = key.token_id AND i.id = key.id AND i.state = 'WAITING_FOR_LICENSE'
  JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
), app AS MATERIALIZED (
  SELECT DISTINCT ON (token_id, store_app_id) token_id, store_app_id AS id, priority, queued_at, asked.id AS last_id
  FROM asked ORDER BY token_id, store_app_id, priority, queued_at DESC, asked.id DESC
), reserved AS MATERIALIZED (
  SELECT app.token_id, quota."reservationId", lane.*
  FROM app CROSS JOIN LATERAL (${quotasSql("$3")}) AS quota
  CROSS JOIN LATERAL (
    SELECT i.id, row_number() OVER (ORDER BY ${TURN_SQL}) AS position, deployment.priority, i.queued_at
    FROM deployment JOIN installation i ON ${WAITING} AND i.reason IS DISTINCT FROM 'LICENSE_RETURNING'
    WHERE deployment.token_id = app.token_id AND deployment.store_app_id = app.id
      AND deployment.collection_id = quota."collectionId"
    ORDER BY ${TURN_SQL} LIMIT quota.unfilled
  ) AS lane
), apart AS MATERIALIZED (
  SELECT token_id, id FROM reserved
  UNION ALL
  SELECT i.token_id, i.id FROM app JOIN installation i
      ON i.token_id = app.token_id AND i.store_app_id = app.id AND i.reason = 'LICENSE_RETURNING'
), place AS (
  SELECT token_id, id, position, priority, queued_at, "reservationId" FROM reserved
  UNION ALL
  SELECT app.token_id, common.*, NULL FROM app CROSS JOIN LATERAL (
    SELECT i.id, row_number() OVER (ORDER BY ${TURN_SQL}) AS position, deployment.priority, i.queued_at
    FROM deployment JOIN installation i ON ${WAITING}
    WHERE deployment.token_id = app.token_id AND deployment.store_app_id = app.id
      AND (-deployment.priority, i.queued_at, i.id) <= (-app.priority, app.queued_at, app.last_id)
      AND (i.token_id, i.id) NOT IN (SELECT token_id, id FROM apart)
  ) AS common
)
SELECT (key.ordinal - 1)::int AS ordinal, place.position::int AS position, place."reservationId", place.priority,
       place.queued_at AS "queuedAt"
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS key(token_id, id, ordinal)
JOIN place ON place.token_id = key.token_id AND place.id = key.id`;

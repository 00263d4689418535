import type { DataSource } from "typeorm";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/**
 * Why somebody was licensed first whose turn comes later:
 * - RESERVED: licences were kept for its collection
 * - WAITED_ELSEWHERE: the installation did not wait for stock then, but for its user, or its own last licence to come back
 * - CLAIM_REFUSED: the installation had claimed a licence then, too, which Apple refused for want of stock
 * - ORDER_CHANGED: the order was another then; priorities have been changed since
 */
export type ServedFirstCause = "RESERVED" | "WAITED_ELSEWHERE" | "CLAIM_REFUSED" | "ORDER_CHANGED";

/** Those of one collection who were licensed first, for one cause. */
export interface ServedFirst {
  readonly cause: ServedFirstCause;
  readonly collectionId: string;
  /** Null unless the cause is RESERVED; it may have ended since. */
  readonly reservationId: string | null;
  /** Licences that were claimed so. */
  readonly count: number;
  /** When the last of them was claimed. */
  readonly lastAt: Date;
}

/**
 * Who was licensed while each of these installations was waiting, though the turn comes after its own: the lanes that were
 * served first, and why, the last one first. Empty when nobody was.
 */
export async function servedFirst(db: DataSource, installations: readonly NodeKey[]): Promise<ServedFirst[][]> {
  const found = await rows<ServedFirst & { ordinal: number }>(db, SERVED_FIRST_SQL, [
    installations.map(([tokenId]) => tokenId),
    installations.map(([, id]) => id),
  ]);
  const groups: ServedFirst[][] = installations.map(() => []);
  for (const { ordinal, ...lane } of found) groups[ordinal]?.push(lane);
  return groups;
}

const SERVED_FIRST_SQL = `
  WITH own AS (
    SELECT asked.ordinal, i.token_id, i.store_app_id, i.id, i.queued_at, i.state_at, i.device_id, i.user_id,
           deployment.priority, deployment.collection_id
    FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked(token_id, id, ordinal)
    JOIN installation i ON i.token_id = asked.token_id AND i.id = asked.id AND i.state = 'WAITING_FOR_LICENSE'
    JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
  ), refused AS (
    SELECT own.ordinal, claim.started_at, claim.ended_at FROM own CROSS JOIN LATERAL (
      SELECT token_id, store_app_id, state, started_at, ended_at FROM license WHERE device_id = own.device_id
      UNION ALL
      SELECT license.token_id, store_app_id, state, started_at, ended_at FROM apple_user registration
      JOIN license ON license.token_id = registration.token_id AND license.apple_user_id = registration.id
      WHERE registration.user_id = own.user_id
    ) claim
    WHERE claim.token_id = own.token_id AND claim.store_app_id = own.store_app_id AND claim.state = 'REFUSED'
  ), later AS (
    SELECT DISTINCT ON (own.ordinal, license.id) own.ordinal, license.id, license.started_at, deployment.collection_id,
           reservation.id AS reservation_id,
           CASE WHEN reservation.id IS NOT NULL THEN 'RESERVED'
                WHEN EXISTS (SELECT FROM refused WHERE refused.ordinal = own.ordinal
                             AND license.started_at BETWEEN refused.started_at AND refused.ended_at) THEN 'CLAIM_REFUSED'
                WHEN license.started_at < own.state_at THEN 'WAITED_ELSEWHERE'
                ELSE 'ORDER_CHANGED' END AS cause
    FROM own
    JOIN deployment ON deployment.token_id = own.token_id AND deployment.store_app_id = own.store_app_id
    JOIN installation i ON i.token_id = deployment.token_id AND i.deployment_id = deployment.id
                       AND (-deployment.priority, i.queued_at, i.id) > (-own.priority, own.queued_at, own.id)
    JOIN license ON license.token_id = i.token_id AND license.id = i.license_id
                AND license.started_at > own.queued_at AND license.start_cause = 'DEPLOYMENT'
                AND NOT EXISTS (
                  SELECT 1 FROM installation earlier
                  JOIN deployment theirs ON theirs.token_id = earlier.token_id AND theirs.id = earlier.deployment_id
                  WHERE earlier.token_id = license.token_id AND earlier.license_id = license.id
                    AND (-theirs.priority, earlier.queued_at, earlier.id) < (-own.priority, own.queued_at, own.id))
    LEFT JOIN reservation
           ON reservation.token_id = own.token_id AND reservation.store_app_id = own.store_app_id
          AND reservation.collection_id = deployment.collection_id
          AND deployment.collection_id IS DISTINCT FROM own.collection_id
          AND reservation.created_at <= license.started_at
          AND LEAST(reservation.ended_at, reservation.until) > license.started_at
    ORDER BY own.ordinal, license.id, deployment.priority DESC, i.queued_at, i.id, reservation.id
  )
  SELECT (ordinal - 1)::int AS ordinal, cause, collection_id AS "collectionId", reservation_id AS "reservationId",
         count(*)::int AS count, max(started_at) AS "lastAt"
  FROM later GROUP BY ordinal, cause, collection_id, reservation_id ORDER BY ordinal, max(started_at) DESC`;

import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import { TURN_SQL } from "../../queries/turn-sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { type AppStock, freeFor } from "./free-for.js";
import { OPEN_LICENSE_SQL, REGISTRATION_SQL } from "./need-sql.js";

/** How many installations one transaction licenses. */
export const LICENSING_BATCH = 5_000;

/** The apps of a token for which an installation could be moved by licensing. */
export async function appsToLicense(core: Core, tokenId: string): Promise<string[]> {
  const apps = await rows<{ id: string }>(
    core.dataSource,
    `SELECT DISTINCT deployment.store_app_id AS id FROM deployment
     WHERE deployment.token_id = $1 AND EXISTS (
       SELECT 1 FROM installation i
       WHERE i.token_id = deployment.token_id AND i.store_app_id = deployment.store_app_id AND i.deployment_id = deployment.id
         AND i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER'))
     ORDER BY 1`,
    [tokenId],
  );
  return apps.map((app) => app.id);
}

/**
 * Whose turn it is: the installations of one app that licensing can move now, in their order (`TURN_SQL`), as far as one
 * transaction goes. That is everything REQUESTED, and of those that wait the ones whose wait may be over: as many of each
 * deployment as it may claim licences, so that who is kept from the stock by another's reservation stands in nobody's way,
 * and those whom something else than stock has come to.
 */
export async function licensingTurns(
  tx: EntityManager,
  { tokenId, id }: TokenScopedKey,
  stock: AppStock,
): Promise<TokenScopedKey[]> {
  const turns = await rows<{ id: string }>(
    tx,
    `WITH lane AS MATERIALIZED (
       SELECT deployment.*, COALESCE(quota.free, $3::int) AS free
       FROM deployment
       LEFT JOIN unnest($4::uuid[], $5::int[]) AS quota(collection_id, free) ON quota.collection_id = deployment.collection_id
       WHERE deployment.token_id = $1 AND deployment.store_app_id = $2
     ), turn AS (
       ${turnsOfLane("REQUESTED", "true", `${LICENSING_BATCH}`)}
       UNION ALL
       ${turnsOfLane("WAITING_FOR_LICENSE", "i.reason IS DISTINCT FROM 'LICENSE_RETURNING'", `LEAST(deployment.free, ${LICENSING_BATCH})`)}
       UNION ALL
       SELECT i.id FROM ${waitingSql("WAITING_FOR_LICENSE")}
       JOIN ${OPEN_LICENSE_SQL} open ON open.state <> 'RETURNING'
       UNION ALL
       SELECT i.id FROM ${waitingSql("WAITING_FOR_LICENSE")}
       LEFT JOIN ${OPEN_LICENSE_SQL} open ON true
       WHERE i.reason = 'LICENSE_RETURNING' AND open.id IS NULL
       UNION ALL
       SELECT i.id FROM ${waitingSql("WAITING_FOR_USER")}
       WHERE registration.id IS NULL OR registration.status IN ('ASSOCIATED', 'REFUSED')
          OR registration.status = 'REGISTERED' AND i.reason = 'REGISTRATION_OPEN'
     )
     SELECT i.id FROM (SELECT DISTINCT id FROM turn) once
     JOIN installation i ON i.token_id = $1 AND i.id = once.id
     JOIN lane AS deployment ON deployment.id = i.deployment_id
     ORDER BY ${TURN_SQL} LIMIT ${LICENSING_BATCH}`,
    [
      tokenId,
      id,
      freeFor(stock, null),
      stock.quotas.map(({ collectionId }) => collectionId),
      stock.quotas.map(({ collectionId }) => freeFor(stock, collectionId)),
    ],
  );
  return turns.map((turn) => ({ tokenId, id: turn.id }));
}

/** The first ones of each deployment in a state, from the index. */
function turnsOfLane(state: string, condition: string, limit: string): string {
  return `SELECT turn.id FROM lane AS deployment CROSS JOIN LATERAL (
    SELECT i.id FROM installation i
    WHERE i.token_id = $1 AND i.store_app_id = $2 AND i.deployment_id = deployment.id AND i.state = '${state}' AND ${condition}
    ORDER BY i.queued_at, i.id LIMIT ${limit}
  ) turn`;
}

/** Everyone of the app who waits so, with the registration. */
function waitingSql(state: string): string {
  return `lane AS deployment
    JOIN installation i ON i.token_id = $1 AND i.store_app_id = $2 AND i.deployment_id = deployment.id AND i.state = '${state}'
    JOIN device ON device.id = i.device_id
    LEFT JOIN ${REGISTRATION_SQL} registration ON true`;
}

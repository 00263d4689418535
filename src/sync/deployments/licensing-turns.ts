import type { EntityManager } from "typeorm";
import { PRIORITY } from "../../entities/deployment.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { type AppStock, freeFor } from "./free-for.js";
import { OPEN_LICENSE_SQL, REGISTRATION_SQL } from "./need-sql.js";

/** How many installations one transaction licenses. */
const BATCH = 5_000;

/** More than there can be. */
const MOST = Number.MAX_SAFE_INTEGER;

/** What turns are ordered by; see `turn-sql`. */
const TURN = "deployment.priority, i.queued_at, i.id";

/** Whose turns are looked for, on what stock. */
interface TurnScope {
  readonly stock: AppStock;
  readonly limit: number;
  readonly lowestPriority: number;
}

/** Finds whose turn it is: installations of one app that licensing can move, in their order, as many as one transaction moves. */
export type FindTurns = (tx: EntityManager, storeApp: TokenScopedKey, stock: AppStock) => Promise<TokenScopedKey[]>;

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
 * Those who may claim: everything REQUESTED, those whose last licence or whose registration they no longer wait for, and
 * of those who wait for stock as many of each deployment as it may claim, so that whoever is kept from the stock by
 * another's reservation stands in nobody's way.
 */
export const turnsToClaim: FindTurns = (tx, storeApp, stock) =>
  findTurns(tx, storeApp, toClaimSql(BATCH), { stock, limit: BATCH, lowestPriority: PRIORITY.lowest });

/** All of them, however many, whose turn comes before that of a new deployment with this priority. */
export function turnsAhead(
  tx: EntityManager,
  storeApp: TokenScopedKey,
  stock: AppStock,
  priority: number,
): Promise<TokenScopedKey[]> {
  return findTurns(tx, storeApp, toClaimSql(MOST), { stock, limit: MOST, lowestPriority: priority });
}

function toClaimSql(limit: number): string {
  return `
    ${firstOfEach("REQUESTED", "true", `${limit}`)}
    UNION ALL
    ${firstOfEach("WAITING_FOR_LICENSE", "i.reason IS DISTINCT FROM 'LICENSE_RETURNING'", `LEAST(deployment.free, ${limit})`)}
    UNION ALL
    SELECT ${TURN} FROM ${everyone("i.state = 'WAITING_FOR_LICENSE' AND i.reason = 'LICENSE_RETURNING'")}
    LEFT JOIN ${OPEN_LICENSE_SQL} open ON true
    WHERE open.id IS NULL
    UNION ALL
    SELECT ${TURN} FROM ${everyone("i.state = 'WAITING_FOR_USER'")}
    WHERE registration.id IS NULL OR registration.status IN ('ASSOCIATED', 'REFUSED')
       OR registration.status = 'REGISTERED' AND i.reason = 'REGISTRATION_OPEN'`;
}

/**
 * Those who wait for a licence while their holder has got one otherwise, by another deployment or by hand; and those who
 * wait for a person while their device has got one of its own. It takes a look
 * at everyone who waits (a second for 100,000), and so is done once, after all claims.
 */
export const turnsToJoin: FindTurns = (tx, storeApp) =>
  findTurns(
    tx,
    storeApp,
    `SELECT ${TURN} FROM ${everyone("i.state IN ('WAITING_FOR_LICENSE', 'WAITING_FOR_USER')")}
     JOIN ${OPEN_LICENSE_SQL} open ON open.state <> 'RETURNING' AND (i.state = 'WAITING_FOR_LICENSE' OR open.own)`,
    { stock: { free: 0, quotas: [] }, limit: BATCH, lowestPriority: PRIORITY.lowest },
  );

async function findTurns(
  tx: EntityManager,
  { tokenId, id }: TokenScopedKey,
  candidates: string,
  { stock, limit, lowestPriority }: TurnScope,
): Promise<TokenScopedKey[]> {
  const turns = await rows<{ id: string }>(
    tx,
    `WITH lane AS MATERIALIZED (
       SELECT deployment.*, COALESCE(quota.free, $3::int) AS free
       FROM deployment
       LEFT JOIN unnest($4::uuid[], $5::int[]) AS quota(collection_id, free) ON quota.collection_id = deployment.collection_id
       WHERE deployment.token_id = $1 AND deployment.store_app_id = $2 AND deployment.priority >= $6
     ), turn AS (${candidates})
     SELECT id FROM turn ORDER BY priority DESC, queued_at, id LIMIT ${limit}`,
    [
      tokenId,
      id,
      freeFor(stock, null),
      stock.quotas.map(({ collectionId }) => collectionId),
      stock.quotas.map(({ collectionId }) => freeFor(stock, collectionId)),
      lowestPriority,
    ],
  );
  return turns.map((turn) => ({ tokenId, id: turn.id }));
}

/** The first ones of each deployment that are in a state, from the index. */
function firstOfEach(state: string, condition: string, limit: string): string {
  return `SELECT ${TURN} FROM lane AS deployment CROSS JOIN LATERAL (
    SELECT i.queued_at, i.id FROM installation i
    WHERE i.token_id = $1 AND i.store_app_id = $2 AND i.deployment_id = deployment.id AND i.state = '${state}' AND ${condition}
    ORDER BY i.queued_at, i.id LIMIT ${limit}
  ) i`;
}

/** All installations of the app for which that is so, with what `need-sql` speaks of. */
function everyone(condition: string): string {
  return `lane AS deployment
    JOIN installation i ON i.token_id = $1 AND i.store_app_id = $2 AND i.deployment_id = deployment.id AND ${condition}
    JOIN device ON device.id = i.device_id
    LEFT JOIN ${REGISTRATION_SQL} registration ON true`;
}

import { claimableSql } from "../../entities/store-app.js";
import type { NodeKey } from "../../queries/node-key.js";
import { readQuotas } from "../../queries/quotas.js";
import { type Reader, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { freeFor } from "./free-for.js";
import { OPEN_LICENSE_SQL, REGISTRATION_SQL } from "./need-sql.js";

/** SQL for whether `license-installations` does anything for the `token`. */
export const MAY_LICENSE_SQL =
  "(token.removing_at IS NULL AND (token.authority = 'TARGET' OR token.health_state IN ('ACTIVE', 'EXPIRING')))";

/** What was requested since before $1: one look at an index for each token, however many wait. */
const REQUESTED_SQL = `
  SELECT token.id FROM token
  CROSS JOIN LATERAL (
    SELECT FROM installation i WHERE i.token_id = token.id AND i.state = 'REQUESTED' AND i.state_at <= $1 LIMIT 1
  ) requested
  WHERE ${MAY_LICENSE_SQL}`;

/** Whoever waits for a person whose registration is not what it waits for: no longer asked for, no longer an open invitation. */
const PERSON_READY_SQL = `
  SELECT DISTINCT i.token_id AS id FROM installation i
  JOIN token ON token.id = i.token_id
  WHERE i.state = 'WAITING_FOR_USER' AND i.state_at <= $1 AND ${MAY_LICENSE_SQL}
    AND NOT EXISTS (
      SELECT FROM (SELECT token_id, status, operation_id FROM apple_user WHERE user_id = i.user_id OFFSET 0) au
      WHERE au.token_id = i.token_id
        AND (au.status = 'REQUESTED' OR au.status IN ('REGISTERED', 'ASSOCIATED') AND au.operation_id IS NOT NULL
             OR au.status = 'REGISTERED' AND i.reason = 'INVITATION_OPEN'))`;

/** Whoever waits for a licence that is back. */
const LICENSE_BACK_SQL = `
  SELECT token.id FROM token
  CROSS JOIN LATERAL (
    SELECT FROM (
      SELECT * FROM installation
      WHERE token_id = token.id AND reason = 'LICENSE_RETURNING' AND state = 'WAITING_FOR_LICENSE' AND state_at <= $1 OFFSET 0
    ) i
    JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
    JOIN device ON device.id = i.device_id
    LEFT JOIN ${REGISTRATION_SQL} registration ON true
    LEFT JOIN ${OPEN_LICENSE_SQL} open ON true
    WHERE open.id IS NULL LIMIT 1
  ) waiting
  WHERE ${MAY_LICENSE_SQL}`;

/** The collections whose deployments wait for stock, of apps that have any. */
const LANES_SQL = `
  SELECT app.token_id AS "tokenId", app.id, ${claimableSql("$1")} AS free, deployment.collection_id AS "collectionId"
  FROM store_app app
  JOIN token ON token.id = app.token_id
  JOIN deployment ON deployment.token_id = app.token_id AND deployment.store_app_id = app.id
  WHERE ${claimableSql("$1")} > 0 AND ${MAY_LICENSE_SQL} AND EXISTS (
    SELECT FROM installation i
    WHERE i.token_id = app.token_id AND i.store_app_id = app.id AND i.deployment_id = deployment.id
      AND i.state = 'WAITING_FOR_LICENSE' AND i.reason IS DISTINCT FROM 'LICENSE_RETURNING' AND i.queued_at <= $1)
  ORDER BY app.token_id, app.id`;

/**
 * The tokens with installations that licensing would move, and has not since before that time: none that waits for what has
 * not come, for months perhaps. What waits while its holder has got a licence otherwise is found by the next licensing.
 */
export async function tokensToLicense(db: Reader, core: Core, before: Date): Promise<string[]> {
  const due = await rows<{ id: string }>(db, [REQUESTED_SQL, PERSON_READY_SQL, LICENSE_BACK_SQL].join("\n  UNION"), [
    before,
  ]);
  return [...new Set([...due.map(({ id }) => id), ...(await tokensWithStock(db, core, before))])];
}

interface Lane {
  readonly tokenId: string;
  readonly id: string;
  readonly free: number;
  readonly collectionId: string | null;
}

/** The tokens with stock that is not kept from all who wait for it. */
async function tokensWithStock(db: Reader, core: Core, before: Date): Promise<string[]> {
  const lanes = await rows<Lane>(db, LANES_SQL, [before]);
  const apps = new Map(lanes.map(({ tokenId, id }): [string, NodeKey] => [`${tokenId}:${id}`, [tokenId, id]]));
  const quotas = await readQuotas(db, [...apps.values()], core.clock.now());
  const quotasOf = new Map([...apps.keys()].map((app, at) => [app, quotas[at] ?? []]));
  const served = lanes.filter(({ tokenId, id, free, collectionId }) => {
    return freeFor({ free, quotas: quotasOf.get(`${tokenId}:${id}`) ?? [] }, collectionId) > 0;
  });
  return served.map(({ tokenId }) => tokenId);
}

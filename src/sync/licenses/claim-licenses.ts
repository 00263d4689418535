import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { type HolderKind, LicenseCause, LicenseState } from "../../entities/license.js";
import { claimableSql } from "../../entities/store-app.js";
import { row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { tellOfLicenseEventsSql } from "../tell-of-license-events.js";
import { createOperations } from "./create-operations.js";

/** A holder that needs a licence of one app, and has none open. */
export interface HolderNeed {
  readonly kind: HolderKind;
  /** As Apple spells it: serial number or client user id. */
  readonly key: string;
  readonly deviceId: string | null;
  readonly appleUserId: string | null;
  /** For whose sake; left out where no deployment asks. */
  readonly deploymentId?: string | undefined;
}

export interface Claim {
  readonly storeApp: TokenScopedKey;
  /** Distinct holders; who comes first is served first. */
  readonly needs: readonly HolderNeed[];
  readonly actor: string;
  /** The most holders that one request to Apple may name. */
  readonly operationSize: number;
  /** DEPLOYMENT if left out; MANUAL: the actor gives them without an install. */
  readonly cause?: LicenseCause;
}

/**
 * Claims licences of one app for as many holders as stock allows, the first ones first: rows CLAIMING, stock moved by one
 * conditional statement (rule 4), and the intent to associate them at Apple.
 * @returns the new License of each holder that got one, by holder key.
 */
export async function claimLicenses(tx: EntityManager, core: Core, claim: Claim): Promise<Map<string, string>> {
  const granted = await takeStock(tx, core, claim.storeApp, claim.needs.length);
  if (granted === 0) return new Map();
  const needs = claim.needs.slice(0, granted);
  const licenseIds = await newLicenseIds(tx, granted);
  const operationIds = await createOperations(
    tx,
    core,
    {
      tokenId: claim.storeApp.tokenId,
      intent: AppleOperationIntent.ASSOCIATE,
      storeAppId: claim.storeApp.id,
      holders: needs.map((need, at) => ({ ...need, licenseId: licenseIds[at] ?? null })),
      cause: causeOf(claim),
      actor: claim.actor,
    },
    claim.operationSize,
  );
  const operationOf = (at: number) => operationIds[Math.floor(at / claim.operationSize)];
  const claims = needs.map((need, at) => ({ ...need, id: licenseIds[at], operationId: operationOf(at) }));
  await insertClaims(tx, core, claim, claims);
  return new Map(needs.map((need, at) => [need.key, licenseIds[at] ?? ""]));
}

/** Taken beforehand, so that each row is written once, with its operation. */
async function newLicenseIds(tx: EntityManager, count: number): Promise<string[]> {
  const ids = await rows<{ id: string }>(
    tx,
    "SELECT nextval(pg_get_serial_sequence('license', 'id')) AS id FROM generate_series(1, $1)",
    [count],
  );
  return ids.map(({ id }) => id);
}

async function takeStock(tx: EntityManager, core: Core, storeApp: TokenScopedKey, wanted: number): Promise<number> {
  const taken = await row<{ granted: number }>(
    tx,
    `WITH stock AS (
       SELECT app.token_id, app.id, LEAST($3::int, ${claimableSql("$4")}) AS granted
       FROM store_app app WHERE app.token_id = $1 AND app.id = $2 FOR NO KEY UPDATE
     )
     UPDATE store_app SET held_count = held_count + stock.granted FROM stock
     WHERE store_app.token_id = stock.token_id AND store_app.id = stock.id AND stock.granted > 0
     RETURNING stock.granted`,
    [storeApp.tokenId, storeApp.id, wanted, core.clock.now()],
  );
  return taken?.granted ?? 0;
}

async function insertClaims(
  tx: EntityManager,
  core: Core,
  claim: Claim,
  claims: readonly (HolderNeed & { readonly id: string | undefined; readonly operationId: string | undefined })[],
): Promise<void> {
  await tx.query(
    `WITH claimed AS (
     INSERT INTO license (token_id, store_app_id, id, holder_kind, holder_key, device_id, apple_user_id,
                          operation_id, start_operation_id, start_deployment_id, last_deployment_id, state, started_at,
                          start_cause, start_actor, given_at, given_by)
     SELECT $1, $2, claim.id, claim.kind, claim.key, claim.device_id, claim.apple_user_id,
            claim.operation_id, claim.operation_id, claim.deployment_id, claim.deployment_id,
            '${LicenseState.CLAIMING}', $9, $11, $10,
            CASE WHEN $12 THEN $9::timestamptz END, CASE WHEN $12 THEN $10 END
     FROM unnest($3::bigint[], $4::text[], $5::text[], $6::uuid[], $7::bigint[], $8::bigint[], $13::bigint[])
          AS claim(id, kind, key, device_id, apple_user_id, operation_id, deployment_id)
     RETURNING token_id, id)
     SELECT ${tellOfLicenseEventsSql("claimed", "STARTED")}`,
    [
      claim.storeApp.tokenId,
      claim.storeApp.id,
      claims.map(({ id }) => id),
      claims.map(({ kind }) => kind),
      claims.map(({ key }) => key),
      claims.map(({ deviceId }) => deviceId),
      claims.map(({ appleUserId }) => appleUserId),
      claims.map(({ operationId }) => operationId),
      core.clock.now(),
      claim.actor,
      causeOf(claim),
      causeOf(claim) === LicenseCause.MANUAL,
      claims.map(({ deploymentId }) => deploymentId ?? null),
    ],
  );
}

function causeOf({ cause = LicenseCause.DEPLOYMENT }: Claim): LicenseCause {
  return cause;
}

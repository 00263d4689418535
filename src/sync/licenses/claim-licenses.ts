import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { type HolderKind, LicenseCause, LicenseState } from "../../entities/license.js";
import { claimableSql } from "../../entities/store-app.js";
import { row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { createOperations } from "./create-operations.js";

/** A holder that needs a licence of one app, and has none open. */
export interface HolderNeed {
  readonly kind: HolderKind;
  /** As Apple spells it: serial number or client user id. */
  readonly key: string;
  readonly deviceId: string | null;
  readonly appleUserId: string | null;
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
  const licenses = await insertClaims(tx, core, claim, needs);
  const operationIds = await createOperations(
    tx,
    core,
    {
      tokenId: claim.storeApp.tokenId,
      intent: AppleOperationIntent.ASSOCIATE,
      storeAppId: claim.storeApp.id,
      holders: needs.map((need) => ({ ...need, licenseId: licenses.get(need.key) ?? null })),
      cause: causeOf(claim),
      actor: claim.actor,
    },
    claim.operationSize,
  );
  await tx.query(
    `UPDATE license SET operation_id = holder.operation_id, start_operation_id = holder.operation_id
     FROM apple_operation_holder holder
     WHERE holder.token_id = $1 AND holder.operation_id = ANY($2)
       AND license.token_id = holder.token_id AND license.id = holder.license_id`,
    [claim.storeApp.tokenId, operationIds],
  );
  return licenses;
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
  needs: readonly HolderNeed[],
): Promise<Map<string, string>> {
  const inserted = await rows<{ id: string; holder_key: string }>(
    tx,
    `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, device_id, apple_user_id, state,
                          started_at, start_cause, start_actor, given_at, given_by)
     SELECT $1, $2, need.kind, need.key, need.device_id, need.apple_user_id, '${LicenseState.CLAIMING}', $7, $9, $8,
            CASE WHEN $10 THEN $7::timestamptz END, CASE WHEN $10 THEN $8 END
     FROM unnest($3::text[], $4::text[], $5::uuid[], $6::bigint[]) AS need(kind, key, device_id, apple_user_id)
     RETURNING id, holder_key`,
    [
      claim.storeApp.tokenId,
      claim.storeApp.id,
      needs.map((need) => need.kind),
      needs.map((need) => need.key),
      needs.map((need) => need.deviceId),
      needs.map((need) => need.appleUserId),
      core.clock.now(),
      claim.actor,
      causeOf(claim),
      causeOf(claim) === LicenseCause.MANUAL,
    ],
  );
  return new Map(inserted.map((license) => [license.holder_key, license.id]));
}

function causeOf({ cause = LicenseCause.DEPLOYMENT }: Claim): LicenseCause {
  return cause;
}

import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { type HolderKind, LicenseCause, LicenseState } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { groupBy } from "../group-by.js";
import { createOperations } from "./create-operations.js";

/** Apple's documented limit; where its live one is lower, an operation is split when it is sent. */
const OPERATION_SIZE = 1_000;

interface ReturningLicense {
  id: string;
  store_app_id: string;
  holder_kind: HolderKind;
  holder_key: string;
  apple_user_id: string | null;
}

/**
 * Gives held licences back: rows RETURNING, and the intent to disassociate them at Apple, which is retried until it is so.
 * Licences that are not held, or of apps that cannot be taken back, are left as they are, and so is what an admin protects,
 * or has given and does not take back himself (MANUAL).
 * @returns the ids of those now on their way back.
 */
export async function returnLicenses(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  licenseIds: readonly string[],
  actor: string,
  cause = LicenseCause.DEPLOYMENT,
): Promise<Set<string>> {
  const returning = await rows<ReturningLicense>(
    tx,
    `UPDATE license SET state = '${LicenseState.RETURNING}', given_at = NULL, given_by = NULL
     FROM store_app app
     WHERE license.token_id = $1 AND license.id = ANY($2) AND license.state = '${LicenseState.HELD}'
       AND license.operation_id IS NULL AND NOT license.never_reclaim AND (license.given_at IS NULL OR $3)
       AND app.token_id = license.token_id AND app.id = license.store_app_id AND app.revocable
     RETURNING license.id, license.store_app_id, license.holder_kind, license.holder_key, license.apple_user_id`,
    [tokenId, licenseIds, cause === LicenseCause.MANUAL],
  );
  for (const [storeAppId, licenses] of groupBy(returning, (license) => license.store_app_id)) {
    await returnOfOneApp(tx, core, { tokenId, id: storeAppId }, licenses, { actor, cause });
  }
  return new Set(returning.map((license) => license.id));
}

async function returnOfOneApp(
  tx: EntityManager,
  core: Core,
  { tokenId, id: storeAppId }: TokenScopedKey,
  licenses: readonly ReturningLicense[],
  reason: { readonly actor: string; readonly cause: LicenseCause },
): Promise<void> {
  const operationIds = await createOperations(
    tx,
    core,
    {
      tokenId,
      intent: AppleOperationIntent.DISASSOCIATE,
      storeAppId,
      holders: licenses.map((license) => ({
        kind: license.holder_kind,
        key: license.holder_key,
        licenseId: license.id,
        appleUserId: license.apple_user_id,
      })),
      ...reason,
    },
    OPERATION_SIZE,
  );
  await tx.query(
    `UPDATE license SET operation_id = holder.operation_id, end_operation_id = holder.operation_id
     FROM apple_operation_holder holder
     WHERE holder.token_id = $1 AND holder.operation_id = ANY($2)
       AND license.token_id = holder.token_id AND license.id = holder.license_id`,
    [tokenId, operationIds],
  );
}

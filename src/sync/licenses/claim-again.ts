import type { EntityManager } from "typeorm";
import { AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import { type HolderKind, LicenseCause, LicenseState } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { createOperations } from "./create-operations.js";

interface Abandoned {
  id: string;
  kind: HolderKind;
  key: string;
  apple_user_id: string | null;
}

/**
 * Those of these licences of which nobody knows whether Apple holds them, since an admin gave up on their operation, are
 * claimed as if anew: Apple is read first (rule 2), and what is not so is asked for. Their stock was never given free.
 */
export async function claimAgain(
  tx: EntityManager,
  core: Core,
  storeApp: TokenScopedKey,
  licenseIds: readonly string[],
  claim: { readonly actor: string; readonly operationSize: number; readonly cause?: LicenseCause },
): Promise<void> {
  if (licenseIds.length === 0) return;
  const { tokenId, id: storeAppId } = storeApp;
  const abandoned = await rows<Abandoned>(
    tx,
    `UPDATE license SET state = '${LicenseState.CLAIMING}', abandoned_at = NULL
     WHERE token_id = $1 AND id = ANY($2) AND state = '${LicenseState.HELD}' AND abandoned_at IS NOT NULL
       AND operation_id IS NULL
     RETURNING id, holder_kind AS kind, holder_key AS key, apple_user_id`,
    [tokenId, licenseIds],
  );
  if (abandoned.length === 0) return;
  const holders = abandoned.map(({ id, kind, key, apple_user_id }) => ({
    kind,
    key,
    licenseId: id,
    appleUserId: apple_user_id,
  }));
  const { actor, operationSize, cause = LicenseCause.DEPLOYMENT } = claim;
  const wish = { tokenId, intent: AppleOperationIntent.ASSOCIATE, storeAppId, holders, cause, actor };
  const operationIds = await createOperations(tx, core, wish, operationSize);
  await tx.query(
    `UPDATE apple_operation SET state = '${AppleOperationState.UNKNOWN}' WHERE token_id = $1 AND id = ANY($2)`,
    [tokenId, operationIds],
  );
  await tx.query(
    `UPDATE license SET operation_id = holder.operation_id FROM apple_operation_holder holder
     WHERE holder.token_id = $1 AND holder.operation_id = ANY($2)
       AND license.token_id = holder.token_id AND license.id = holder.license_id`,
    [tokenId, operationIds],
  );
}

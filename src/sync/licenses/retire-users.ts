import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { HolderKind, LicenseCause } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { createOperations } from "./create-operations.js";
import { linkRegistrations } from "./link-registrations.js";

/**
 * Asks Apple to end registrations, which frees whatever they still hold and can be taken back: return their licences
 * first. One that is over, or that an operation is at work on, is left as it is.
 * @param operationSize the most users that one request to Apple may name.
 */
export async function retireUsers(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  appleUserIds: readonly string[],
  actor: string,
  operationSize: number,
): Promise<void> {
  const registrations = await rows<{ id: string; client_user_id: string }>(
    tx,
    `SELECT id, client_user_id FROM apple_user
     WHERE token_id = $1 AND id = ANY($2) AND status IN ('REGISTERED', 'ASSOCIATED') AND operation_id IS NULL
     ORDER BY id FOR NO KEY UPDATE`,
    [tokenId, appleUserIds],
  );
  if (registrations.length === 0) return;
  const operationIds = await createOperations(
    tx,
    core,
    {
      tokenId,
      intent: AppleOperationIntent.RETIRE_USERS,
      storeAppId: null,
      holders: registrations.map((registration) => ({
        kind: HolderKind.USER,
        key: registration.client_user_id,
        licenseId: null,
        appleUserId: registration.id,
      })),
      cause: LicenseCause.DEPLOYMENT,
      actor,
    },
    operationSize,
  );
  await linkRegistrations(tx, tokenId, operationIds);
}

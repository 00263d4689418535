import type { EntityManager } from "typeorm";
import type { AppleOperationIntent } from "../../entities/apple-operation.js";
import { HolderKind, LicenseCause } from "../../entities/license.js";
import type { Core } from "../core.js";
import { createOperations } from "./create-operations.js";

/** What is asked of Apple for registrations, and in whose name. */
export interface RegistrationChange {
  readonly tokenId: string;
  readonly intent: AppleOperationIntent.CREATE_USERS | AppleOperationIntent.RETIRE_USERS;
  readonly actor: string;
  /** The most users that one request to Apple may name. */
  readonly operationSize: number;
}

/**
 * Writes the intent to create or retire registrations, and notes at each the operation that is at work on it, so that a
 * merge leaves it alone (rule 3).
 */
export async function createRegistrationOperations(
  tx: EntityManager,
  core: Core,
  { tokenId, intent, actor, operationSize }: RegistrationChange,
  registrations: readonly { readonly id: string; readonly client_user_id: string }[],
): Promise<void> {
  if (registrations.length === 0) return;
  const holders = registrations.map((registration) => ({
    kind: HolderKind.USER,
    key: registration.client_user_id,
    licenseId: null,
    appleUserId: registration.id,
  }));
  const wish = { tokenId, intent, storeAppId: null, holders, cause: LicenseCause.DEPLOYMENT, actor };
  const operationIds = await createOperations(tx, core, wish, operationSize);
  await tx.query(
    `UPDATE apple_user SET operation_id = holder.operation_id FROM apple_operation_holder holder
     WHERE holder.token_id = $1 AND holder.operation_id = ANY($2)
       AND apple_user.token_id = holder.token_id AND apple_user.id = holder.apple_user_id`,
    [tokenId, operationIds],
  );
}

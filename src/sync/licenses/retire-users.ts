import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { createRegistrationOperations } from "./create-registration-operations.js";

/**
 * Asks Apple to end registrations, which frees whatever they still hold and can be taken back: return their licences
 * first. One that is over, or that an operation is at work on, is left as it is.
 * @param operationSize the most users that one request to Apple may name.
 * @returns how many.
 */
export async function retireUsers(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  appleUserIds: readonly string[],
  actor: string,
  operationSize: number,
): Promise<number> {
  const registrations = await rows<{ id: string; client_user_id: string }>(
    tx,
    `SELECT id, client_user_id FROM apple_user
     WHERE token_id = $1 AND id = ANY($2) AND status IN ('REGISTERED', 'ASSOCIATED') AND operation_id IS NULL
     ORDER BY id FOR NO KEY UPDATE`,
    [tokenId, appleUserIds],
  );
  const change = { tokenId, intent: AppleOperationIntent.RETIRE_USERS, actor, operationSize } as const;
  await createRegistrationOperations(tx, core, change, registrations);
  return registrations.length;
}

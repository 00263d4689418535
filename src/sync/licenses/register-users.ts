import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { AppleUserStatus } from "../../entities/apple-user.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { createRegistrationOperations } from "./create-registration-operations.js";

/**
 * Asks Apple to register users with a token, those with a managed Apple account without an invitation. One that has a
 * registration that is not over keeps it.
 */
export async function registerUsers(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  userIds: readonly string[],
  actor: string,
  operationSize: number,
): Promise<void> {
  const registrations = await rows<{ id: string; client_user_id: string }>(
    tx,
    `INSERT INTO apple_user (token_id, client_user_id, user_id, status, email, managed_apple_id, added_at)
     SELECT $1, wanted.client_user_id, person.id, '${AppleUserStatus.REQUESTED}', person.email, person.managed_apple_id, $4
     FROM unnest($2::uuid[], $3::text[]) AS wanted(user_id, client_user_id) JOIN "user" person ON person.id = wanted.user_id
     ON CONFLICT DO NOTHING
     RETURNING id, client_user_id`,
    [tokenId, userIds, userIds.map(() => core.clock.uuid()), core.clock.now()],
  );
  const change = { tokenId, intent: AppleOperationIntent.CREATE_USERS, actor, operationSize } as const;
  await createRegistrationOperations(tx, core, change, registrations);
}

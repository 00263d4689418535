import type { EntityManager } from "typeorm";

/** Notes at each registration the operation that is at work on it, so that a merge leaves it alone (rule 3). */
export async function linkRegistrations(
  tx: EntityManager,
  tokenId: string,
  operationIds: readonly string[],
): Promise<void> {
  await tx.query(
    `UPDATE apple_user SET operation_id = holder.operation_id FROM apple_operation_holder holder
     WHERE holder.token_id = $1 AND holder.operation_id = ANY($2)
       AND apple_user.token_id = holder.token_id AND apple_user.id = holder.apple_user_id`,
    [tokenId, operationIds],
  );
}

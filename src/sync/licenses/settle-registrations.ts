import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { AppleUserStatus } from "../../entities/apple-user.js";
import type { OperationRecord } from "./operation-record.js";
import type { HolderResult, Settlement } from "./settle-operation.js";

/** Writes what has become of registrations with Apple: made (and how far), refused, or ended. */
export async function settleRegistrations(
  tx: EntityManager,
  operation: OperationRecord,
  done: readonly HolderResult[],
  failed: readonly HolderResult[],
  settlement: Settlement,
): Promise<void> {
  if (operation.intent === AppleOperationIntent.RETIRE_USERS) {
    await setStatus(tx, operation, done, AppleUserStatus.RETIRED, settlement.provenAt);
    return;
  }
  await setStatus(tx, operation, failed, AppleUserStatus.REFUSED, settlement.provenAt);
  const made = done.flatMap((result) => settlement.registrations.get(result.holder.key) ?? []);
  await tx.query(
    `UPDATE apple_user SET status = made.status, invite_code = made.invite_code, invitation_url = made.invitation_url,
                           id_hash = made.id_hash, proven_at = $3, operation_id = NULL
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
          AS made(client_user_id, status, invite_code, invitation_url, id_hash)
     WHERE apple_user.token_id = $1 AND apple_user.operation_id = $2
       AND apple_user.client_user_id = made.client_user_id`,
    [
      operation.tokenId,
      operation.id,
      settlement.provenAt,
      made.map((user) => user.clientUserId),
      made.map((user) => user.status),
      made.map((user) => user.inviteCode),
      made.map((user) => user.invitationUrl),
      made.map((user) => user.idHash),
    ],
  );
}

async function setStatus(
  tx: EntityManager,
  operation: OperationRecord,
  results: readonly HolderResult[],
  status: AppleUserStatus,
  provenAt: Date,
): Promise<void> {
  await tx.query(
    `UPDATE apple_user SET status = $4, proven_at = $5, operation_id = NULL
     WHERE token_id = $1 AND operation_id = $2 AND id = ANY($3)`,
    [operation.tokenId, operation.id, results.map((result) => result.holder.appleUserId), status, provenAt],
  );
}

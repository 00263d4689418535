import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { AppleUserStatus } from "../../entities/apple-user.js";
import { LicenseState } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { tellOfLicenseEventsSql } from "../tell-of-license-events.js";
import type { OperationRecord } from "./operation-record.js";
import type { HolderResult, Settlement } from "./settle-operation.js";

/** Writes what has become of registrations with Apple: made (and how far), refused, or ended. */
export async function settleRegistrations(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  done: readonly HolderResult[],
  failed: readonly HolderResult[],
  settlement: Settlement,
): Promise<void> {
  if (operation.intent === AppleOperationIntent.RETIRE_USERS) {
    await setStatus(tx, operation, done, AppleUserStatus.RETIRED, settlement.provenAt);
    await endWhatRetirementFreed(tx, core, operation, done, settlement.provenAt);
    await setStatus(tx, operation, failed, null, settlement.provenAt);
    return;
  }
  await setStatus(tx, operation, failed, AppleUserStatus.REFUSED, settlement.provenAt);
  await writeMade(tx, operation, done, settlement);
}

async function writeMade(
  tx: EntityManager,
  operation: OperationRecord,
  done: readonly HolderResult[],
  settlement: Settlement,
): Promise<void> {
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

/** @param status null: as before, of which we have just made sure. */
async function setStatus(
  tx: EntityManager,
  operation: OperationRecord,
  results: readonly HolderResult[],
  status: AppleUserStatus | null,
  provenAt: Date,
): Promise<void> {
  await tx.query(
    `UPDATE apple_user
     SET status = COALESCE($4, status), proven_at = $5, operation_id = NULL,
         refused_operation_id = CASE $4 WHEN '${AppleUserStatus.REFUSED}' THEN $2 ELSE refused_operation_id END,
         invitation_url = CASE $4 WHEN '${AppleUserStatus.RETIRED}' THEN NULL ELSE invitation_url END
     WHERE token_id = $1 AND operation_id = $2 AND id = ANY($3)`,
    [operation.tokenId, operation.id, results.map((result) => result.holder.appleUserId), status, provenAt],
  );
}

/**
 * What was assigned to them at Apple after we had returned the rest went by our doing, too. Apps are locked before
 * licences, and in one order, as synchronisations and claims do.
 */
async function endWhatRetirementFreed(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  retired: readonly HolderResult[],
  provenAt: Date,
): Promise<void> {
  const appleUserIds = retired.map((result) => result.holder.appleUserId);
  const apps = await rows<{ id: string }>(
    tx,
    `SELECT app.id FROM store_app app
     WHERE app.token_id = $1 AND app.revocable
       AND app.id IN (SELECT store_app_id FROM license
                      WHERE token_id = $1 AND apple_user_id = ANY($2) AND state = '${LicenseState.HELD}')
     ORDER BY app.id FOR NO KEY UPDATE`,
    [operation.tokenId, appleUserIds],
  );
  await tx.query(
    `WITH freed AS (
       UPDATE license SET state = '${LicenseState.ENDED}', ended_at = $3, end_cause = $4, end_actor = $5, proven_at = $6,
                          end_operation_id = $7
       WHERE token_id = $1 AND apple_user_id = ANY($2) AND state = '${LicenseState.HELD}' AND operation_id IS NULL
         AND store_app_id = ANY($8)
       RETURNING token_id, store_app_id, id
     ), moved AS (
       SELECT store_app_id, count(*)::int AS count FROM freed GROUP BY store_app_id
     ), counted AS (
       UPDATE store_app SET held_count = held_count - moved.count FROM moved
       WHERE token_id = $1 AND store_app.id = moved.store_app_id
     )
     SELECT ${tellOfLicenseEventsSql("freed", "ENDED")}`,
    [
      operation.tokenId,
      appleUserIds,
      core.clock.now(),
      operation.cause,
      operation.actor,
      provenAt,
      operation.id,
      apps.map(({ id }) => id),
    ],
  );
}

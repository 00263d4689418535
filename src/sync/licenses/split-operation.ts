import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import type { OpenHolder, OperationRecord } from "./operation-record.js";

/** Moves holders that do not fit Apple's limit to an operation of their own, which is split in its turn if need be. */
export async function splitOperation(
  core: Core,
  operation: OperationRecord,
  excess: readonly OpenHolder[],
): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const [other] = await rows<{ id: string }>(
      tx,
      `INSERT INTO apple_operation (token_id, intent, state, store_app_id, attempts, forgiven_attempts, next_attempt_at, cause,
                                    actor, created_at)
       SELECT token_id, intent, state, store_app_id, attempts, forgiven_attempts, next_attempt_at, cause, actor, created_at
       FROM apple_operation WHERE token_id = $1 AND id = $2 AND state = $3 FOR UPDATE RETURNING id`,
      [operation.tokenId, operation.id, operation.state],
    );
    if (!other) return;
    const moved = await rows<{ license_id: string | null; apple_user_id: string | null }>(
      tx,
      `UPDATE apple_operation_holder holder SET operation_id = $3
       FROM unnest($4::text[], $5::text[]) AS excess(kind, key)
       WHERE holder.token_id = $1 AND holder.operation_id = $2
         AND holder.holder_kind = excess.kind AND holder.holder_key = excess.key
       RETURNING holder.license_id, holder.apple_user_id`,
      [
        operation.tokenId,
        operation.id,
        other.id,
        excess.map((holder) => holder.kind),
        excess.map((holder) => holder.key),
      ],
    );
    await tx.query(
      `UPDATE license SET operation_id = $3,
              start_operation_id = CASE start_operation_id WHEN $2 THEN $3 ELSE start_operation_id END,
              end_operation_id = CASE end_operation_id WHEN $2 THEN $3 ELSE end_operation_id END
       WHERE token_id = $1 AND operation_id = $2 AND id = ANY($4)`,
      [operation.tokenId, operation.id, other.id, moved.map((row) => row.license_id)],
    );
    await tx.query(
      "UPDATE apple_user SET operation_id = $3 WHERE token_id = $1 AND operation_id = $2 AND id = ANY($4)",
      [operation.tokenId, operation.id, other.id, moved.map((row) => row.apple_user_id)],
    );
    await addJob(tx, "run-operations", { tokenId: operation.tokenId });
  });
}

import type { EntityManager } from "typeorm";
import { AppleOperationState } from "../../entities/apple-operation.js";
import { row } from "../../queries/sql.js";
import type { OperationRecord } from "./operation-record.js";

/** What an AppleOperation becomes; what is left out becomes null, but `eventId` and `lastError` stay. */
export interface OperationChange {
  readonly state: AppleOperationState;
  readonly nextAttemptAt: Date;
  readonly deadlineAt?: Date;
  readonly eventId?: string;
  readonly lastError?: string;
  readonly endedAt?: Date;
  readonly abandonedBy?: string;
}

/**
 * Moves an operation on from the state and attempt it was read in.
 * @returns false when somebody else has moved it meanwhile: then nothing was changed.
 */
export async function changeOperation(
  tx: EntityManager,
  operation: OperationRecord,
  change: OperationChange,
): Promise<boolean> {
  const changed = await row(
    tx,
    `UPDATE apple_operation
     SET state = $5, next_attempt_at = $6, deadline_at = $7, event_id = COALESCE($8, event_id),
         last_error = COALESCE($9, last_error), ended_at = $10, abandoned_by = $11,
         attempts = attempts + CASE WHEN $5 = '${AppleOperationState.SENDING}' THEN 1 ELSE 0 END
     WHERE token_id = $1 AND id = $2 AND state = $3 AND attempts = $4
     RETURNING id`,
    [
      operation.tokenId,
      operation.id,
      operation.state,
      operation.attempts,
      change.state,
      change.nextAttemptAt,
      change.deadlineAt ?? null,
      change.eventId ?? null,
      change.lastError ?? null,
      change.endedAt ?? null,
      change.abandonedBy ?? null,
    ],
  );
  return changed !== null;
}

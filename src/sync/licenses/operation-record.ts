import type { AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import type { HolderKind } from "../../entities/license.js";
import { type Reader, row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";

/** An AppleOperation as its runner needs it. */
export interface OperationRecord {
  readonly tokenId: string;
  readonly id: string;
  readonly intent: AppleOperationIntent;
  readonly state: AppleOperationState;
  readonly storeAppId: string | null;
  readonly adamId: string | null;
  readonly pricingParam: string | null;
  readonly attempts: number;
  readonly forgivenAttempts: number;
  readonly nextAttemptAt: Date;
  readonly deadlineAt: Date | null;
  readonly eventId: string | null;
  readonly actor: string;
  readonly cause: string;
}

/** A holder whose outcome is not known yet. */
export interface OpenHolder {
  readonly kind: HolderKind;
  readonly key: string;
  readonly licenseId: string | null;
  readonly appleUserId: string | null;
  /** What Apple said of it in the event that failed; null if nothing. */
  readonly errorNumber: number | null;
  readonly email: string | null;
  readonly managedAppleId: string | null;
}

const RECORD_SQL = `
  SELECT op.token_id AS "tokenId", op.id, op.intent, op.state, op.store_app_id AS "storeAppId", op.attempts,
         op.forgiven_attempts AS "forgivenAttempts", op.next_attempt_at AS "nextAttemptAt",
         op.deadline_at AS "deadlineAt", op.event_id AS "eventId", op.actor, op.cause,
         app.adam_id AS "adamId", app.pricing_param AS "pricingParam"
  FROM apple_operation op LEFT JOIN store_app app ON app.token_id = op.token_id AND app.id = op.store_app_id`;

/** One operation, over or not; null when there is none. */
export function findOperation(db: Reader, { tokenId, id }: TokenScopedKey): Promise<OperationRecord | null> {
  return row<OperationRecord>(db, `${RECORD_SQL} WHERE op.token_id = $1 AND op.id = $2`, [tokenId, id]);
}

/**
 * The operation of a token that has waited longest of those that are due; null if none is. One that is SENDING is due at
 * once: a token's operations are run by one job at a time, so whoever sent it is dead or believed to be.
 * @param inHand ids of those that the job is at work on.
 */
export function nextDueOperation(
  core: Core,
  tokenId: string,
  inHand: readonly string[],
): Promise<OperationRecord | null> {
  return row<OperationRecord>(
    core.dataSource,
    `${RECORD_SQL}
     WHERE op.token_id = $1 AND op.ended_at IS NULL AND op.state <> 'PAUSED'
       AND (op.next_attempt_at <= $2 OR op.state = 'SENDING') AND op.id <> ALL($3)
     ORDER BY op.next_attempt_at, op.id LIMIT 1`,
    [tokenId, core.clock.now(), inHand],
  );
}

/** When the token's next operation is due; null when none is open. */
export async function nextDueAt(core: Core, tokenId: string): Promise<Date | null> {
  const next = await row<{ at: Date | null }>(
    core.dataSource,
    `SELECT min(next_attempt_at) AS at FROM apple_operation
     WHERE token_id = $1 AND ended_at IS NULL AND state <> 'PAUSED'`,
    [tokenId],
  );
  return next?.at ?? null;
}

export function openHolders(core: Core, operation: OperationRecord): Promise<OpenHolder[]> {
  return rows<OpenHolder>(
    core.dataSource,
    `SELECT holder.holder_kind AS kind, holder.holder_key AS key, holder.license_id AS "licenseId",
            holder.apple_user_id AS "appleUserId", holder.error_number AS "errorNumber",
            registration.email, registration.managed_apple_id AS "managedAppleId"
     FROM apple_operation_holder holder
     LEFT JOIN apple_user registration
            ON registration.token_id = holder.token_id AND registration.id = holder.apple_user_id
     WHERE holder.token_id = $1 AND holder.operation_id = $2 AND holder.outcome = 'OPEN'
     ORDER BY holder.holder_kind, holder.holder_key`,
    [operation.tokenId, operation.id],
  );
}

import type { EntityManager } from "typeorm";
import { AppleOperationIntent, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import { LicenseState } from "../../entities/license.js";
import { row, rows } from "../../queries/sql.js";
import type { AppleUserRow } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { tellOfLicenseEventsSql } from "../tell-of-license-events.js";
import { changeOperation } from "./change-operation.js";
import { keepAbandoned } from "./keep-abandoned.js";
import type { OpenHolder, OperationRecord } from "./operation-record.js";
import { NOT_ENOUGH_LICENSES, retryPauseMs, SHORTAGE_PAUSE_MS } from "./operation-rules.js";
import { settleRegistrations } from "./settle-registrations.js";

/** What is known of one holder now; OPEN is to be sent again. */
export interface HolderResult {
  readonly holder: OpenHolder;
  readonly outcome: HolderOutcome;
  readonly errorNumber?: number | null;
  readonly detail?: string;
  readonly remedy?: string;
}

export interface Settlement {
  readonly outcomes: readonly HolderResult[];
  /** Live registrations as read from Apple, by client user id. */
  readonly registrations: ReadonlyMap<string, AppleUserRow>;
  /** When Apple was asked. */
  readonly provenAt: Date;
  /** Who gives up on what is not done; left out: nobody. */
  readonly abandonedBy?: string;
}

/**
 * Writes what an operation has come to: outcomes of its holders, their licences or registrations, the stock they free, and
 * the operation's own end or next attempt.
 * @returns false when somebody else has moved the operation meanwhile: then nothing was written.
 */
export async function settleOperation(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  settlement: Settlement,
): Promise<boolean> {
  if (!(await moveOn(tx, core, operation, settlement))) return false;
  await recordOutcomes(tx, operation, settlement.outcomes);
  const done = settlement.outcomes.filter((result) => result.outcome === HolderOutcome.DONE);
  const failed = settlement.outcomes.filter((result) => result.outcome === HolderOutcome.FAILED);
  const abandoned = settlement.outcomes.filter((result) => result.outcome === HolderOutcome.ABANDONED);
  switch (operation.intent) {
    case AppleOperationIntent.ASSOCIATE:
      await confirmClaims(tx, operation, done, settlement.provenAt);
      await refuseClaims(tx, core, operation, failed);
      break;
    case AppleOperationIntent.DISASSOCIATE:
      await endReturned(tx, core, operation, done, settlement.provenAt);
      break;
    default:
      await settleRegistrations(tx, core, operation, done, [...failed, ...abandoned], settlement);
  }
  if (settlement.abandonedBy !== undefined) await keepAbandoned(tx, core, operation, settlement.outcomes);
  await addJob(tx, "advance-installations", { tokenId: operation.tokenId });
  await addJob(tx, "license-installations", { tokenId: operation.tokenId });
  return true;
}

async function moveOn(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  { outcomes, abandonedBy }: Settlement,
): Promise<boolean> {
  const now = core.clock.now();
  if (abandonedBy !== undefined && outcomes.some((result) => result.outcome !== HolderOutcome.DONE)) {
    const state = AppleOperationState.ABANDONED;
    return changeOperation(tx, operation, { state, nextAttemptAt: now, endedAt: now, abandonedBy });
  }
  if (outcomes.some((result) => result.outcome === HolderOutcome.OPEN)) {
    return changeOperation(tx, operation, {
      state: AppleOperationState.PENDING,
      nextAttemptAt: core.clock.in(retryPauseMs(operation)),
    });
  }
  const failed = outcomes.length > 0 && outcomes.every((result) => result.outcome === HolderOutcome.FAILED);
  const allFailed = failed && !(await wasPartlyDone(tx, operation));
  return changeOperation(tx, operation, {
    state: allFailed ? AppleOperationState.FAILED : AppleOperationState.DONE,
    nextAttemptAt: now,
    endedAt: now,
  });
}

/** Whether an earlier round has settled a holder. */
async function wasPartlyDone(tx: EntityManager, operation: OperationRecord): Promise<boolean> {
  const done = await row(
    tx,
    `SELECT 1 FROM apple_operation_holder
     WHERE token_id = $1 AND operation_id = $2 AND outcome = '${HolderOutcome.DONE}' LIMIT 1`,
    [operation.tokenId, operation.id],
  );
  return done !== null;
}

async function recordOutcomes(
  tx: EntityManager,
  operation: OperationRecord,
  outcomes: readonly HolderResult[],
): Promise<void> {
  await tx.query(
    `UPDATE apple_operation_holder holder
     SET outcome = result.outcome, error_number = result.error_number, detail = result.detail, remedy = result.remedy
     FROM unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[])
          AS result(kind, key, outcome, error_number, detail, remedy)
     WHERE holder.token_id = $1 AND holder.operation_id = $2
       AND holder.holder_kind = result.kind AND holder.holder_key = result.key`,
    [
      operation.tokenId,
      operation.id,
      outcomes.map((result) => result.holder.kind),
      outcomes.map((result) => result.holder.key),
      outcomes.map((result) => result.outcome),
      outcomes.map((result) => result.errorNumber ?? null),
      outcomes.map((result) => result.detail ?? null),
      outcomes.map((result) => result.remedy ?? null),
    ],
  );
}

async function confirmClaims(
  tx: EntityManager,
  operation: OperationRecord,
  done: readonly HolderResult[],
  provenAt: Date,
): Promise<void> {
  await tx.query(
    `UPDATE license SET state = '${LicenseState.HELD}', assigned_at = COALESCE(assigned_at, $4), proven_at = $4,
                        operation_id = NULL
     WHERE token_id = $1 AND id = ANY($2) AND operation_id = $3 AND state = '${LicenseState.CLAIMING}'`,
    [operation.tokenId, licenseIds(done), operation.id, provenAt],
  );
}

async function refuseClaims(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  failed: readonly HolderResult[],
): Promise<void> {
  if (failed.length === 0) return;
  await lockApp(tx, operation);
  const refused = await rows(
    tx,
    `WITH refused AS (
       UPDATE license SET state = '${LicenseState.REFUSED}', ended_at = $4, end_cause = $5, end_actor = 'apple',
                          end_operation_id = $3, operation_id = NULL
       WHERE token_id = $1 AND id = ANY($2) AND operation_id = $3 AND state = '${LicenseState.CLAIMING}'
       RETURNING token_id, id
     )
     SELECT id, ${tellOfLicenseEventsSql("refused", "ENDED")} FROM refused`,
    [operation.tokenId, licenseIds(failed), operation.id, core.clock.now(), operation.cause],
  );
  await freeStock(tx, operation, refused.length);
  if (failed.some((result) => result.errorNumber === NOT_ENOUGH_LICENSES)) {
    await tx.query("UPDATE store_app SET claims_resume_at = $3 WHERE token_id = $1 AND id = $2", [
      operation.tokenId,
      operation.storeAppId,
      core.clock.in(SHORTAGE_PAUSE_MS),
    ]);
    await addJob(tx, "license-installations", { tokenId: operation.tokenId }, core.clock.in(SHORTAGE_PAUSE_MS));
  }
}

async function endReturned(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  done: readonly HolderResult[],
  provenAt: Date,
): Promise<void> {
  await lockApp(tx, operation);
  const ended = await rows(
    tx,
    `WITH ended AS (
       UPDATE license SET state = '${LicenseState.ENDED}', ended_at = $4, end_cause = $5, end_actor = $6,
                          proven_at = $7, operation_id = NULL
       WHERE token_id = $1 AND id = ANY($2) AND operation_id = $3 AND state = '${LicenseState.RETURNING}'
       RETURNING token_id, id
     )
     SELECT id, ${tellOfLicenseEventsSql("ended", "ENDED")} FROM ended`,
    [operation.tokenId, licenseIds(done), operation.id, core.clock.now(), operation.cause, operation.actor, provenAt],
  );
  await freeStock(tx, operation, ended.length);
}

/** Before its licences, as licensing does, which joins and claims at the same time. */
async function lockApp(tx: EntityManager, { tokenId, storeAppId }: OperationRecord): Promise<void> {
  await tx.query("SELECT 1 FROM store_app WHERE token_id = $1 AND id = $2 FOR NO KEY UPDATE", [tokenId, storeAppId]);
}

async function freeStock(tx: EntityManager, operation: OperationRecord, count: number): Promise<void> {
  if (count === 0) return;
  await tx.query("UPDATE store_app SET held_count = held_count - $3 WHERE token_id = $1 AND id = $2", [
    operation.tokenId,
    operation.storeAppId,
    count,
  ]);
}

function licenseIds(results: readonly HolderResult[]): (string | null)[] {
  return results.map((result) => result.holder.licenseId);
}

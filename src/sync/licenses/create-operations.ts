import type { EntityManager } from "typeorm";
import { type AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import type { HolderKind, LicenseCause } from "../../entities/license.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";

/** One holder of an intended change, with the row here that it will move. */
export interface OperationHolder {
  readonly kind: HolderKind;
  readonly key: string;
  readonly licenseId: string | null;
  readonly appleUserId: string | null;
}

export interface IntendedChange {
  readonly tokenId: string;
  readonly intent: AppleOperationIntent;
  /** The app of an association or its reverse; null for registrations. */
  readonly storeAppId: string | null;
  readonly holders: readonly OperationHolder[];
  readonly cause: LicenseCause;
  readonly actor: string;
}

/**
 * Commits the intent to change something at Apple (rule 1): AppleOperations of at most `size` holders each, and the job
 * that sends them. An operation that turns out larger than Apple's live limit is split when it is sent.
 * @returns the operations' ids, in the order of the holders.
 */
export async function createOperations(
  tx: EntityManager,
  core: Core,
  change: IntendedChange,
  size: number,
): Promise<string[]> {
  const ids: string[] = [];
  for (let start = 0; start < change.holders.length; start += size) {
    ids.push(await createOperation(tx, core, change, change.holders.slice(start, start + size)));
  }
  await addJob(tx, "run-operations", { tokenId: change.tokenId });
  return ids;
}

async function createOperation(
  tx: EntityManager,
  core: Core,
  change: IntendedChange,
  holders: readonly OperationHolder[],
): Promise<string> {
  const now = core.clock.now();
  const operation = await row<{ id: string }>(
    tx,
    `INSERT INTO apple_operation (token_id, intent, state, store_app_id, next_attempt_at, cause, actor, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $5) RETURNING id`,
    [change.tokenId, change.intent, AppleOperationState.PENDING, change.storeAppId, now, change.cause, change.actor],
  );
  if (!operation) throw new Error("An inserted operation has no id");
  await tx.query(
    `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, license_id, apple_user_id)
     SELECT $1, $2, holder.* FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[]) AS holder`,
    [
      change.tokenId,
      operation.id,
      holders.map((holder) => holder.kind),
      holders.map((holder) => holder.key),
      holders.map((holder) => holder.licenseId),
      holders.map((holder) => holder.appleUserId),
    ],
  );
  return operation.id;
}

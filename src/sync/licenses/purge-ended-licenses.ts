import type { EntityManager } from "typeorm";
import { AppleOperationIntent } from "../../entities/apple-operation.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import { allowDeletion } from "../allow-deletion.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";

const DAY_MS = 24 * 60 * 60_000;
/** What has ended only just is still compared with what Apple and the targets say. */
const LEAST_DAYS_KEPT = 30;
/** Deleted in one transaction. */
const BATCH = 10_000;
/** The same of operations, each of which has up to some hundreds of holders. */
const OPERATIONS = 100;

/** What a purge takes, or would take. */
export interface Purge {
  /** Holdings that ended before the moment asked for; the operations of which nothing else is kept go with them. */
  readonly licenses: number;
}

/**
 * Deletes the holdings that ended before a moment, with their events: the only way that the ledger forgets. A job does it.
 * Once it was said, `licensesAt` answers for no earlier moment.
 * @param dryRun whether only to count.
 * @throws AppError INVALID_INPUT for a moment that is less than 30 days ago.
 */
export async function purgeEndedLicenses(
  tx: EntityManager,
  core: Core,
  endedBefore: Date,
  dryRun: boolean,
): Promise<Purge> {
  const latest = new Date(core.clock.now().getTime() - core.clock.scaled(LEAST_DAYS_KEPT * DAY_MS));
  if (endedBefore > latest) {
    throw new AppError("INVALID_INPUT", `The last ${LEAST_DAYS_KEPT} days are kept. Name an earlier moment.`, {
      latest: latest.toISOString(),
    });
  }
  const found = await row<{ licenses: number }>(
    tx,
    "SELECT count(*)::int AS licenses FROM license WHERE ended_at < $1",
    [endedBefore],
  );
  if (!dryRun) {
    await tx.query("UPDATE service_identity SET ledger_since = GREATEST(ledger_since, $1)", [endedBefore]);
    await addJob(tx, "purge-ledger", {});
  }
  return { licenses: found?.licenses ?? 0 };
}

/** Deletes what was asked to be forgotten, some at a time; begun again, it goes on. */
export async function purgeLedger(core: Core): Promise<void> {
  while (await purgeBatch(core)) {
    // Until nothing is left.
  }
  while (await purgeOperations(core)) {
    // Until nothing is left.
  }
}

/** One that an installation still points at, for as long as it takes to see the end, stays until the next purge. */
async function purgeBatch(core: Core): Promise<boolean> {
  return core.dataSource.transaction(async (tx) => {
    await allowDeletion(tx);
    const deleted = await row<{ count: number }>(
      tx,
      `WITH old AS (
         SELECT license.token_id, license.id FROM license
         WHERE ended_at < (SELECT ledger_since FROM service_identity)
           AND NOT EXISTS (SELECT 1 FROM installation
                           WHERE installation.token_id = license.token_id AND installation.license_id = license.id)
           AND NOT EXISTS (SELECT 1 FROM installation
                           WHERE installation.token_id = license.token_id AND installation.former_license_id = license.id)
         ORDER BY ended_at LIMIT ${BATCH} FOR UPDATE OF license SKIP LOCKED
       ), deleted AS (
         DELETE FROM license USING old WHERE license.token_id = old.token_id AND license.id = old.id RETURNING 1
       )
       SELECT count(*)::int AS count FROM deleted`,
    );
    return deleted?.count === BATCH;
  });
}

/** Claims and returns that ended so long ago, and of whose licences none is kept: with their holders, most of what is stored. */
async function purgeOperations(core: Core): Promise<boolean> {
  const deleted = await row<{ count: number }>(
    core.dataSource,
    `WITH old AS (
       SELECT operation.token_id, operation.id FROM apple_operation operation
       WHERE operation.ended_at < (SELECT ledger_since FROM service_identity)
         AND operation.intent IN ('${AppleOperationIntent.ASSOCIATE}', '${AppleOperationIntent.DISASSOCIATE}')
         AND NOT EXISTS (SELECT 1 FROM apple_operation_holder holder
                         JOIN license ON license.token_id = holder.token_id AND license.id = holder.license_id
                         WHERE holder.token_id = operation.token_id AND holder.operation_id = operation.id)
       ORDER BY operation.ended_at LIMIT ${OPERATIONS} FOR UPDATE OF operation SKIP LOCKED
     ), deleted AS (
       DELETE FROM apple_operation USING old
       WHERE apple_operation.token_id = old.token_id AND apple_operation.id = old.id RETURNING 1
     )
     SELECT count(*)::int AS count FROM deleted`,
  );
  return deleted?.count === OPERATIONS;
}

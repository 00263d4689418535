import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";
import { countChanges } from "./count-changes.js";
import type { ListRead } from "./read-pages.js";
import { addWarnings, type RowCounts, type SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

const FACTS = ["product_type", "platforms", "device_assignable", "revocable"];
const COUNTS = ["total_count", "assigned_count", "available_count", "retired_count"];

/** Above both, no app is unlisted: so much is rather a bad reading than a change. */
const SHRINK_APPS = 20;
const SHRINK_SHARE = 0.2;

/**
 * Brings the token's StoreApps in step with a list; one that moved while it was read may miss apps, so it unlists none.
 * An unchanged row is not written, so `counts_at` says when Apple was first asked that gave these counts; that they still
 * held at the last look, the token's `last_sync_at` says.
 */
export async function mergeApps(
  tx: EntityManager,
  run: SyncRunRecord,
  staging: Staging,
  list: ListRead,
): Promise<RowCounts> {
  const listed = `(SELECT DISTINCT ON (adam_id, pricing_param) * FROM ${staging.tables.asset}
                   ORDER BY adam_id, pricing_param, requested_at DESC)`;
  const changed = await countChanges(tx, updateListed(listed), [run.tokenId]);
  const unlisted = list.moved ? 0 : await unlist(tx, run, staging, list.requestedAt);
  const added = await countChanges(tx, insertListed(listed), [run.tokenId]);
  return { added, changed: changed + unlisted, ended: 0 };
}

/** Marks the apps that the list lacks, unless they are too many to be believed. @returns how many. */
async function unlist(tx: EntityManager, run: SyncRunRecord, staging: Staging, requestedAt: Date): Promise<number> {
  const isMissing = `app.counts_at < $2
       AND NOT EXISTS (SELECT 1 FROM ${staging.tables.asset} listed
                       WHERE listed.adam_id = app.adam_id AND listed.pricing_param = app.pricing_param)`;
  const found = await row<{ missing: number; known: number }>(
    tx,
    `SELECT count(*) FILTER (WHERE ${isMissing})::int AS missing, count(*)::int AS known
     FROM store_app app WHERE app.token_id = $1 AND app.unlisted_at IS NULL`,
    [run.tokenId, requestedAt],
  );
  const { missing, known } = found ?? { missing: 0, known: 0 };
  if (missing > SHRINK_APPS && missing > known * SHRINK_SHARE) {
    const warning = `The list of apps lacks ${missing} of ${known}: too many to be believed, so they stay listed here.`;
    await addWarnings(tx, run, [warning]);
    return 0;
  }
  return countChanges(
    tx,
    `UPDATE store_app app SET unlisted_at = $2 WHERE app.token_id = $1 AND app.unlisted_at IS NULL AND ${isMissing}`,
    [run.tokenId, requestedAt],
  );
}

function updateListed(listed: string): string {
  const all = [...FACTS, ...COUNTS];
  return `
    UPDATE store_app app
    SET ${all.map((column) => `${column} = listed.${column}`).join(", ")}, unlisted_at = NULL,
        counts_at = CASE WHEN (${of("app", COUNTS)}) IS DISTINCT FROM (${of("listed", COUNTS)})
                         THEN listed.requested_at ELSE app.counts_at END
    FROM ${listed} listed
    WHERE app.token_id = $1 AND app.adam_id = listed.adam_id AND app.pricing_param = listed.pricing_param
      AND app.counts_at < listed.requested_at
      AND ((${of("app", all)}) IS DISTINCT FROM (${of("listed", all)}) OR app.unlisted_at IS NOT NULL)`;
}

function insertListed(listed: string): string {
  const all = ["adam_id", "pricing_param", ...FACTS, ...COUNTS];
  return `
    INSERT INTO store_app (token_id, ${all.join(", ")}, counts_at)
    SELECT $1, ${of("listed", all)}, listed.requested_at FROM ${listed} listed
    WHERE NOT EXISTS (SELECT 1 FROM store_app app WHERE app.token_id = $1 AND app.adam_id = listed.adam_id
                                                    AND app.pricing_param = listed.pricing_param)
    ON CONFLICT DO NOTHING`;
}

function of(alias: string, columns: readonly string[]): string {
  return columns.map((column) => `${alias}.${column}`).join(", ");
}

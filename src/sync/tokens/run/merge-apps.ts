import type { EntityManager } from "typeorm";
import { rows } from "../../../queries/sql.js";
import { countChanges } from "./count-changes.js";
import type { ListRead } from "./read-pages.js";
import { refreshByPlatform } from "./refresh-by-platform.js";
import type { RowCounts, SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

const FACTS = ["product_type", "platforms", "device_assignable", "revocable"];
const COUNTS = ["total_count", "assigned_count", "available_count", "retired_count"];

/** An app (alias `app`) that a whole list, begun at `$2`, does not show. */
export function isUnlisted(staging: Staging): string {
  return `app.unlisted_at IS NULL AND app.counts_at < $2
     AND NOT EXISTS (SELECT 1 FROM ${staging.tables.asset} listed
                     WHERE listed.adam_id = app.adam_id AND listed.pricing_param = app.pricing_param)`;
}

/** An app (alias `app`) that is listed otherwise than it is here. */
export function isListedOtherwise(staging: Staging): string {
  const all = [...FACTS, ...COUNTS];
  return `EXISTS (SELECT 1 FROM ${staging.tables.asset} listed
                  WHERE listed.adam_id = app.adam_id AND listed.pricing_param = app.pricing_param
                    AND ((${of("app", all)}) IS DISTINCT FROM (${of("listed", all)}) OR app.unlisted_at IS NOT NULL))`;
}

/**
 * Brings the token's StoreApps in step with what was read of them. A change of a total is put down, and an app that comes
 * after the first full synchronisation was bought since.
 * An unchanged row is not written, so `counts_at` says when Apple was first asked that gave these counts; that they still
 * held at the last look, the token's `last_sync_at` says.
 * @param list when it was read as a whole and did not move meanwhile: what it lacks is unlisted.
 */
export async function mergeApps(
  tx: EntityManager,
  run: SyncRunRecord,
  staging: Staging,
  list: ListRead | null,
): Promise<RowCounts> {
  const listed = `(SELECT DISTINCT ON (adam_id, pricing_param) * FROM ${staging.tables.asset}
                   ORDER BY adam_id, pricing_param, requested_at DESC)`;
  await tx.query(putDownTotals(listed), [run.tokenId]);
  await refreshByPlatform(tx, run.tokenId, listed);
  const changed = await countChanges(tx, updateListed(listed), [run.tokenId]);
  const added = await rows<{ id: string }>(tx, insertListed(listed), [run.tokenId]);
  if (!run.first) await putDownBought(tx, run, added);
  const unlisted = list ? await unlist(tx, run, staging, list.requestedAt) : 0;
  return { added: added.length, changed: changed + unlisted, ended: 0 };
}

function unlist(tx: EntityManager, run: SyncRunRecord, staging: Staging, requestedAt: Date): Promise<number> {
  return countChanges(
    tx,
    `UPDATE store_app app SET unlisted_at = $2 WHERE app.token_id = $1 AND ${isUnlisted(staging)}`,
    [run.tokenId, requestedAt],
  );
}

function putDownTotals(listed: string): string {
  return `
    INSERT INTO stock_change (token_id, store_app_id, total_before, total_after, seen_at)
    SELECT $1, app.id, app.total_count, listed.total_count, listed.requested_at
    FROM store_app app JOIN ${listed} listed USING (adam_id, pricing_param)
    WHERE app.token_id = $1 AND app.counts_at < listed.requested_at AND app.total_count <> listed.total_count`;
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
    ON CONFLICT DO NOTHING
    RETURNING id`;
}

async function putDownBought(tx: EntityManager, run: SyncRunRecord, apps: readonly { id: string }[]): Promise<void> {
  await tx.query(
    `INSERT INTO stock_change (token_id, store_app_id, total_before, total_after, seen_at)
     SELECT token_id, id, 0, total_count, counts_at FROM store_app
     WHERE token_id = $1 AND id = ANY($2) AND total_count <> 0`,
    [run.tokenId, apps.map(({ id }) => id)],
  );
}

function of(alias: string, columns: readonly string[]): string {
  return columns.map((column) => `${alias}.${column}`).join(", ");
}

import type { EntityManager } from "typeorm";
import { isListedOtherwise, isUnlisted } from "./merge-apps.js";
import type { ListRead } from "./read-pages.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/**
 * Locks the apps whose rows or holdings this run may change: app before licence, as claims lock them, and in one order, so
 * that neither waits for the other for ever. Where licences are counted as retired, that count may follow from registrations.
 * @param list as `mergeApps` takes it.
 */
export async function lockApps(
  tx: EntityManager,
  run: SyncRunRecord,
  staging: Staging,
  list: ListRead | null,
): Promise<void> {
  const { fresh, missing } = staging.tables;
  await tx.query(
    `SELECT app.id FROM store_app app
     WHERE app.token_id = $1
       AND ((app.adam_id, app.pricing_param) IN (SELECT adam_id, pricing_param FROM ${fresh}
                                                 UNION SELECT adam_id, pricing_param FROM ${missing})
            OR ${isListedOtherwise(staging)} OR $2::timestamptz IS NOT NULL AND ${isUnlisted(staging)}
            OR app.retired_count > 0 OR app.retired_held_count > 0)
     ORDER BY app.id FOR NO KEY UPDATE`,
    [run.tokenId, list?.requestedAt ?? null],
  );
}

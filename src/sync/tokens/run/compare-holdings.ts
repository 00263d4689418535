import type { EntityManager } from "typeorm";
import { LicenseState } from "../../../entities/license.js";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import type { SyncRunRecord } from "./run-record.js";
import type { AppKey, Staging } from "./staging.js";

/** For joins of two lists of millions: with what PostgreSQL starts from, they would go to the disk and back. */
const WORK_MEMORY = "SET LOCAL work_mem = '64MB'";

/** A run that has read, and has not written yet. */
export interface Reading {
  readonly core: Core;
  readonly run: SyncRunRecord;
  readonly staging: Staging;
}

/** Holdings (alias `license`) that a read begun then may miss: not being changed by us, nor proven later (rule 3). */
export function mayBeMissing(askedAt: string): string {
  return `license.state = '${LicenseState.HELD}' AND license.ended_at IS NULL AND license.operation_id IS NULL
     AND (license.proven_at IS NULL OR license.proven_at < ${askedAt})`;
}

/**
 * Puts down which holdings of the list are not here, and, when it is a list of all holdings, which of ours it does not show.
 * @param wholeSince when the list was begun if it shows all holdings; null for one of what has changed.
 */
export async function compareList({ core, run, staging }: Reading, wholeSince: Date | null): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    await tx.query(WORK_MEMORY);
    await putDownFresh(tx, run, staging, "assignment");
    if (wholeSince === null) return;
    await tx.query(
      `INSERT INTO ${staging.tables.missing} (license_id, adam_id, pricing_param, missed_at, twice)
       SELECT license.id, app.adam_id, app.pricing_param, $2, false
       FROM license JOIN store_app app ON app.token_id = $1 AND app.id = license.store_app_id
       WHERE license.token_id = $1 AND ${mayBeMissing("$2")} AND NOT ${isShown(staging.tables.assignment)}`,
      [run.tokenId, wholeSince],
    );
  });
}

/**
 * Takes in the apps that were read again, each whole: what is shown now is not missing after all, what is not shown again
 * is missing twice, and what was missed only now has to be read once more.
 * @returns the apps of the latter.
 */
export async function compareAgain({ core, run, staging }: Reading): Promise<AppKey[]> {
  const { missing, again, asked, fresh } = staging.tables;
  await core.dataSource.transaction(async (tx) => {
    await tx.query(WORK_MEMORY);
    await tx.query(
      `DELETE FROM ${missing} missed USING license, store_app app
       WHERE license.token_id = $1 AND license.id = missed.license_id
         AND app.token_id = $1 AND app.id = license.store_app_id AND ${isShown(again)}`,
      [run.tokenId],
    );
    await tx.query(
      `UPDATE ${missing} missed SET twice = true FROM ${asked} asked
       WHERE asked.adam_id = missed.adam_id AND asked.pricing_param = missed.pricing_param
         AND asked.asked_at > missed.missed_at`,
    );
    await tx.query(
      `INSERT INTO ${missing} (license_id, adam_id, pricing_param, missed_at, twice)
       SELECT license.id, app.adam_id, app.pricing_param, asked.asked_at, false
       FROM ${asked} asked
       JOIN store_app app ON app.token_id = $1 AND app.adam_id = asked.adam_id AND app.pricing_param = asked.pricing_param
       JOIN license ON license.token_id = $1 AND license.store_app_id = app.id
       WHERE ${mayBeMissing("asked.asked_at")} AND NOT ${isShown(again)}
         AND license.id NOT IN (SELECT license_id FROM ${missing})`,
      [run.tokenId],
    );
    await tx.query(
      `DELETE FROM ${fresh} fresh USING ${asked} asked
       WHERE fresh.adam_id = asked.adam_id AND fresh.pricing_param = asked.pricing_param`,
    );
    await putDownFresh(tx, run, staging, "again");
  });
  return rows<AppKey>(
    core.dataSource,
    `SELECT DISTINCT adam_id AS "adamId", pricing_param AS "pricingParam" FROM ${missing} WHERE NOT twice`,
  );
}

/** A list that moved while it was read may show a holding twice. */
async function putDownFresh(
  tx: EntityManager,
  run: SyncRunRecord,
  staging: Staging,
  from: "assignment" | "again",
): Promise<void> {
  await tx.query(
    `INSERT INTO ${staging.tables.fresh} (adam_id, pricing_param, holder_kind, holder_key, requested_at)
     SELECT seen.adam_id, seen.pricing_param, seen.holder_kind, seen.holder_key, min(seen.requested_at)
     FROM ${staging.tables[from]} seen
     LEFT JOIN store_app app ON app.token_id = $1 AND app.adam_id = seen.adam_id AND app.pricing_param = seen.pricing_param
     WHERE NOT EXISTS (SELECT 1 FROM license open
                       WHERE open.token_id = $1 AND open.store_app_id = app.id AND open.ended_at IS NULL
                         AND open.holder_kind = seen.holder_kind AND open.holder_key = seen.holder_key)
     GROUP BY 1, 2, 3, 4`,
    [run.tokenId],
  );
}

/** Whether a reading shows a holding (aliases `license` and `app`). */
function isShown(table: string): string {
  return `EXISTS (SELECT 1 FROM ${table} seen
                  WHERE seen.adam_id = app.adam_id AND seen.pricing_param = app.pricing_param
                    AND seen.holder_kind = license.holder_kind AND seen.holder_key = license.holder_key)`;
}

import { LicenseState } from "../../../entities/license.js";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import type { SyncRunRecord } from "./run-record.js";
import type { AppKey, Staging } from "./staging.js";

/**
 * For joins of two lists of millions: with the memory that PostgreSQL starts from, they would go to the disk and back. And it
 * thinks four equal columns far rarer than they are, so it would go through one list for each row of the other.
 */
const JOIN_LISTS = "SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off";

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
  const { tables } = staging;
  await core.dataSource.transaction(async (tx) => {
    if (wholeSince) await tx.query(JOIN_LISTS);
    await tx.query(
      `INSERT INTO ${tables.fresh} (${HOLDER}, requested_at)
       SELECT ${seen(HOLDER)}, min(seen.requested_at) FROM ${tables.assignment} seen
       LEFT JOIN store_app app ON app.token_id = $1 AND app.adam_id = seen.adam_id AND app.pricing_param = seen.pricing_param
       WHERE NOT EXISTS (SELECT 1 FROM license open
                         WHERE open.token_id = $1 AND open.store_app_id = app.id AND open.ended_at IS NULL
                           AND open.holder_kind = seen.holder_kind AND open.holder_key = seen.holder_key)
       GROUP BY ${seen(HOLDER)}`,
      [run.tokenId],
    );
    if (wholeSince === null) return;
    await tx.query(
      `INSERT INTO ${tables.missing} (license_id, ${HOLDER}, missed_at, twice)
       SELECT license.id, app.adam_id, app.pricing_param, license.holder_kind, license.holder_key, $2, false
       FROM license JOIN store_app app ON app.token_id = $1 AND app.id = license.store_app_id
       WHERE license.token_id = $1 AND ${mayBeMissing("$2")}
         AND NOT EXISTS (SELECT 1 FROM ${tables.assignment} seen
                         WHERE seen.adam_id = app.adam_id AND seen.pricing_param = app.pricing_param
                           AND seen.holder_kind = license.holder_kind AND seen.holder_key = license.holder_key)`,
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
  const { ours, missing, again, asked, fresh } = staging.tables;
  await core.dataSource.query(
    `INSERT INTO ${ours} (license_id, ${HOLDER}, may_be_missing)
     SELECT license.id, app.adam_id, app.pricing_param, license.holder_kind, license.holder_key, ${mayBeMissing("asked.asked_at")}
     FROM ${asked} asked
     JOIN store_app app ON app.token_id = $1 AND app.adam_id = asked.adam_id AND app.pricing_param = asked.pricing_param
     JOIN license ON license.token_id = $1 AND license.store_app_id = app.id AND license.ended_at IS NULL`,
    [run.tokenId],
  );
  await staging.analyze("ours", "again", "asked", "missing");
  await core.dataSource.transaction(async (tx) => {
    await tx.query(JOIN_LISTS);
    await tx.query(`DELETE FROM ${missing} missed USING ${again} seen WHERE ${isSameHolding("missed")}`);
    await tx.query(
      `UPDATE ${missing} missed SET twice = true FROM ${asked} asked
       WHERE asked.adam_id = missed.adam_id AND asked.pricing_param = missed.pricing_param
         AND asked.asked_at > missed.missed_at`,
    );
    await tx.query(
      `INSERT INTO ${missing} (license_id, ${HOLDER}, missed_at, twice)
       SELECT ours.license_id, ours.adam_id, ours.pricing_param, ours.holder_kind, ours.holder_key, asked.asked_at, false
       FROM ${ours} ours JOIN ${asked} asked ON asked.adam_id = ours.adam_id AND asked.pricing_param = ours.pricing_param
       WHERE ours.may_be_missing AND NOT EXISTS (SELECT 1 FROM ${again} seen WHERE ${isSameHolding("ours")})
         AND NOT EXISTS (SELECT 1 FROM ${missing} known WHERE known.license_id = ours.license_id)`,
    );
    await tx.query(
      `DELETE FROM ${fresh} fresh USING ${asked} asked
       WHERE fresh.adam_id = asked.adam_id AND fresh.pricing_param = asked.pricing_param`,
    );
    await tx.query(
      `INSERT INTO ${fresh} (${HOLDER}, requested_at)
       SELECT ${seen(HOLDER)}, min(seen.requested_at) FROM ${again} seen
       WHERE NOT EXISTS (SELECT 1 FROM ${ours} ours WHERE ${isSameHolding("ours")})
       GROUP BY ${seen(HOLDER)}`,
    );
  });
  return rows<AppKey>(
    core.dataSource,
    `SELECT DISTINCT adam_id AS "adamId", pricing_param AS "pricingParam" FROM ${missing} WHERE NOT twice`,
  );
}

const HOLDER = "adam_id, pricing_param, holder_kind, holder_key";

function seen(columns: string): string {
  return columns.replaceAll(/\w+/g, "seen.$&");
}

/** Whether a row that was read (alias `seen`) is of the same holding as another. */
function isSameHolding(alias: string): string {
  return HOLDER.split(", ")
    .map((column) => `seen.${column} = ${alias}.${column}`)
    .join(" AND ");
}

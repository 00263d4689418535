import { AlertKind } from "../../../entities/alert.js";
import { decodeGlobalId, encodeGlobalId } from "../../../entities/global-id.js";
import { type Reader, rows } from "../../../queries/sql.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** An app whose counts at Apple cannot be, or are not those of its holdings (rule 4). */
export interface Mismatch {
  readonly adamId: string;
  readonly pricingParam: string;
  /** Null when it is not here yet. */
  readonly storeAppId: string | null;
  readonly name: string;
  readonly total: number;
  readonly assigned: number;
  readonly available: number;
  readonly retired: number;
  /** Those that Apple shows: ours, with what was found and without what is missing. */
  readonly holdings: number;
  /** When Apple was first asked that gave these counts. */
  readonly countsAt: Date;
}

const COUNTS = ["total_count", "assigned_count", "available_count", "retired_count"];
const [APPS, LISTED] = ["app", "listed"].map((alias) => COUNTS.map((count) => `${alias}.${count}`).join(", "));

/**
 * The apps that do not fit, by what is here and what has been read and not written yet, without those that we are changing.
 * Apple may list the licences that retired users keep, which it does not count as assigned.
 */
export async function findMismatches(db: Reader, run: SyncRunRecord, { tables }: Staging): Promise<Mismatch[]> {
  return rows<Mismatch>(
    db,
    `WITH listed AS (SELECT DISTINCT ON (adam_id, pricing_param) * FROM ${tables.asset}
                     ORDER BY adam_id, pricing_param, requested_at DESC),
          fresh AS (SELECT adam_id, pricing_param, count(*)::int AS count FROM ${tables.fresh} GROUP BY 1, 2),
          missed AS (SELECT adam_id, pricing_param, count(*)::int AS count FROM ${tables.missing} GROUP BY 1, 2),
          busy AS (SELECT DISTINCT store_app_id FROM license WHERE token_id = $1 AND operation_id IS NOT NULL),
          app AS (SELECT * FROM store_app WHERE token_id = $1),
          stock AS (
            SELECT adam_id, pricing_param, app.id, COALESCE(app.name, adam_id) AS name,
                   COALESCE(app.held_count, 0) + COALESCE(fresh.count, 0) - COALESCE(missed.count, 0) AS holdings,
                   app.counts_at < listed.requested_at AND (${APPS}) IS DISTINCT FROM (${LISTED}) AS moved,
                   app.counts_at, listed.requested_at,
                   ${COUNTS.map(
                     (count) => `CASE WHEN app.counts_at >= listed.requested_at THEN app.${count}
                                                 ELSE COALESCE(listed.${count}, app.${count}) END AS ${count}`,
                   ).join(", ")}
            FROM app FULL JOIN listed USING (adam_id, pricing_param)
            LEFT JOIN fresh USING (adam_id, pricing_param) LEFT JOIN missed USING (adam_id, pricing_param)
            WHERE (app.unlisted_at IS NULL OR listed.adam_id IS NOT NULL)
              AND (app.id IS NULL OR app.id NOT IN (SELECT store_app_id FROM busy)))
     SELECT adam_id AS "adamId", pricing_param AS "pricingParam", id AS "storeAppId", name, holdings,
            total_count AS total, assigned_count AS assigned, available_count AS available, retired_count AS retired,
            CASE WHEN moved OR counts_at IS NULL THEN requested_at ELSE counts_at END AS "countsAt"
     FROM stock
     WHERE LEAST(${COUNTS.join(", ")}) < 0 OR assigned_count > total_count
        OR NOT holdings BETWEEN assigned_count AND assigned_count::bigint + retired_count
     ORDER BY adam_id, pricing_param`,
    [run.tokenId],
  );
}

/** The apps of this token that an open COUNT_MISMATCH is about, and since when. */
export async function openMismatches(db: Reader, run: SyncRunRecord): Promise<Map<string, Date>> {
  const alerts = await rows<{ subject: string; raised_at: Date }>(
    db,
    `SELECT subject, raised_at FROM alert
     WHERE kind = '${AlertKind.COUNT_MISMATCH}' AND token_id = $1 AND cleared_at IS NULL`,
    [run.tokenId],
  );
  const open = new Map<string, Date>();
  for (const { subject, raised_at } of alerts) {
    const [, storeAppId] = decodeGlobalId(subject)?.parts ?? [];
    if (storeAppId !== undefined) open.set(storeAppId, raised_at);
  }
  return open;
}

/** What an alert about an app's counts is about. */
export function mismatchSubject(run: SyncRunRecord, storeAppId: string): string {
  return encodeGlobalId("StoreApp", run.tokenId, storeAppId);
}

import { AlertKind } from "../../../entities/alert.js";
import { decodeGlobalId, encodeGlobalId } from "../../../entities/global-id.js";
import { type Reader, rows } from "../../../queries/sql.js";
import type { SyncRunRecord } from "./run-record.js";

/** An app whose count of licences in use at Apple is not that of its holdings (rule 4). */
export interface Mismatch {
  readonly storeAppId: string;
  readonly name: string;
  readonly assigned: number;
  readonly holdings: number;
  readonly countsAt: Date;
}

/**
 * The apps that differ, without those that we are changing. Holdings already known to be missing once do not count, and
 * Apple may list the licences that retired users keep, which it does not count as assigned.
 */
export async function findMismatches(db: Reader, run: SyncRunRecord): Promise<Mismatch[]> {
  return rows<Mismatch>(
    db,
    `SELECT id AS "storeAppId", COALESCE(name, adam_id) AS name, assigned_count AS assigned, holdings, counts_at AS "countsAt"
     FROM (SELECT app.*, app.held_count - COALESCE(missed.count, 0) AS holdings
           FROM store_app app
           LEFT JOIN (SELECT store_app_id, count(*)::int AS count FROM license
                      WHERE token_id = $1 AND absent_at IS NOT NULL AND ended_at IS NULL
                      GROUP BY store_app_id) missed ON missed.store_app_id = app.id
           WHERE app.token_id = $1 AND app.unlisted_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM license busy WHERE busy.token_id = $1 AND busy.store_app_id = app.id
                                                          AND busy.operation_id IS NOT NULL)) app
     WHERE NOT holdings BETWEEN assigned_count AND assigned_count + retired_count
     ORDER BY id`,
    [run.tokenId],
  );
}

/** The apps of this token that an open COUNT_MISMATCH is about, and since when. */
export async function openMismatches(db: Reader, run: SyncRunRecord): Promise<Map<string, Date>> {
  const alerts = await rows<{ subject: string; raised_at: Date }>(
    db,
    `SELECT subject, raised_at FROM alert WHERE kind = '${AlertKind.COUNT_MISMATCH}' AND cleared_at IS NULL`,
  );
  const open = new Map<string, Date>();
  for (const { subject, raised_at } of alerts) {
    const [tokenId, storeAppId] = decodeGlobalId(subject)?.parts ?? [];
    if (tokenId === run.tokenId && storeAppId !== undefined) open.set(storeAppId, raised_at);
  }
  return open;
}

/** What an alert about an app's counts is about. */
export function mismatchSubject(run: SyncRunRecord, storeAppId: string): string {
  return encodeGlobalId("StoreApp", run.tokenId, storeAppId);
}

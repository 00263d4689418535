import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";
import { addWarnings, type SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** How many fresh holdings are of apps that Apple does not list. */
export async function countStrays(tx: EntityManager, run: SyncRunRecord, { tables }: Staging): Promise<number> {
  const found = await row<{ count: number }>(
    tx,
    `SELECT count(*)::int AS count FROM ${tables.fresh} fresh
     WHERE NOT EXISTS (SELECT 1 FROM store_app app WHERE app.token_id = $1 AND app.adam_id = fresh.adam_id
                                                    AND app.pricing_param = fresh.pricing_param)`,
    [run.tokenId],
  );
  return found?.count ?? 0;
}

export async function warnOfStrays(tx: EntityManager, run: SyncRunRecord, count: number): Promise<void> {
  if (count === 0) return;
  const warning = `${count} holdings are of apps that Apple does not list; they are left out until it does.`;
  await addWarnings(tx, run, [warning]);
}

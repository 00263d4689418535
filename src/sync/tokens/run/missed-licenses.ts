import type { EntityManager } from "typeorm";
import { mayBeMissing } from "./compare-holdings.js";
import type { SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** Remembers which holdings a reading that is held back did not show, in place of those of the one before. */
export async function noteMissed(tx: EntityManager, run: SyncRunRecord, { tables }: Staging): Promise<void> {
  await forgetMissed(tx, run);
  await tx.query(
    `INSERT INTO missed_license (token_id, license_id, missed_at)
     SELECT $1, license.id, missed.missed_at
     FROM ${tables.missing} missed JOIN license ON license.token_id = $1 AND license.id = missed.license_id
     WHERE missed.twice AND ${mayBeMissing("missed.missed_at")}`,
    [run.tokenId],
  );
}

/** A reading is believed: what it did not show has ended, and all else is there. */
export async function forgetMissed(tx: EntityManager, { tokenId }: Pick<SyncRunRecord, "tokenId">): Promise<void> {
  await tx.query("DELETE FROM missed_license WHERE token_id = $1", [tokenId]);
}

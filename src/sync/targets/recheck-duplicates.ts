import type { EntityManager } from "typeorm";
import { TokenHealthState } from "../../entities/token.js";
import { rows } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** A token has gone, and its location with it: those that were left alone because of another one look again. */
export async function recheckDuplicates(tx: EntityManager): Promise<void> {
  const duplicates = await rows<{ id: string }>(
    tx,
    `SELECT id FROM token WHERE health_state = '${TokenHealthState.DUPLICATE_LOCATION}' ORDER BY id`,
  );
  for (const { id } of duplicates) await addJob(tx, "schedule-sync", { tokenId: id });
}

import type { EntityManager } from "typeorm";

/** Lets this transaction delete from the ledger, which refuses it to everybody else. */
export async function allowDeletion(tx: EntityManager): Promise<void> {
  await tx.query("SELECT set_config('allotment.deleting_licenses', 'on', true)");
}

import type { EntityManager } from "typeorm";

/**
 * One change of who there is at a time in the whole installation, so that two targets cannot both add the same person or
 * device, and nobody counts as gone who is being told of. Held until the transaction ends: take it first.
 */
export async function lockHolders(tx: EntityManager): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('holders', 0))");
}

import type { EntityManager } from "typeorm";

/** Held until the transaction ends by whoever gives a token its Apple location: of two at the same moment the later one sees the other. */
export async function lockLocations(tx: EntityManager): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('locations', 0))");
}

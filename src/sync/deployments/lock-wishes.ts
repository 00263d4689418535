import type { EntityManager } from "typeorm";
import type { TokenScopedKey } from "../core.js";

/**
 * Of two deployments of one app that change at the same moment, the second one has to see what the first has done: who
 * decides which installation keeps the app on a device holds this lock of each app, until the transaction ends. Taken after
 * the deployment's own row, and before installations.
 */
export async function lockWishes(tx: EntityManager, storeApps: readonly TokenScopedKey[]): Promise<void> {
  const keys = storeApps.map(({ tokenId, id }) => `deployment-action:${tokenId}:${id}`).sort();
  for (const key of new Set(keys)) await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [key]);
}

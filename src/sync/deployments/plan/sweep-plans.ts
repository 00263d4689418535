import type { EntityManager } from "typeorm";
import type { Core } from "../../core.js";

/** So long after it has expired whoever comes late is told so, then a plan is forgotten. */
const REMEMBERED_MS = 3_600_000;

/** Forgets plans that have expired, with their members. */
export async function sweepPlans(tx: EntityManager, core: Core): Promise<void> {
  const before = new Date(core.clock.now().getTime() - core.clock.scaled(REMEMBERED_MS));
  await tx.query("DELETE FROM deployment_plan WHERE expires_at <= $1", [before]);
}

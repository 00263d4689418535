import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { requireStoredTarget } from "../targets/stored-target.js";

/**
 * Asks for an import of a target's users, devices and collections.
 * @param confirmShrink lets the next complete listing count as many people and devices as gone as it will (rule 6).
 * @throws AppError NOT_FOUND.
 */
export async function requestImport(
  tx: EntityManager,
  _core: Core,
  targetId: string,
  { confirmShrink = false } = {},
): Promise<void> {
  await requireStoredTarget(tx, targetId);
  if (confirmShrink) await tx.query("UPDATE target SET shrink_held_at = NULL WHERE id = $1", [targetId]);
  await addJob(tx, "import-holders", { targetId });
}

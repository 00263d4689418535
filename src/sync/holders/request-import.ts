import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { requireStoredTarget } from "../targets/stored-target.js";

/**
 * Asks for an import of a target's users, devices and collections.
 * @throws AppError NOT_FOUND.
 */
export async function requestImport(tx: EntityManager, _core: Core, targetId: string): Promise<void> {
  await requireStoredTarget(tx, targetId);
  await addJob(tx, "import-holders", { targetId });
}

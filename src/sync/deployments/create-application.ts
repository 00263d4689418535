import type { EntityManager } from "typeorm";
import { row } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { requireAppAtTarget } from "./require-app-at-target.js";

/**
 * Asks for a StoreApp's object at a Target; the job `prepare-applications` makes it there. Asked again, it is the same one.
 * @returns the Application's id.
 * @throws AppError NOT_FOUND; PRECONDITION_FAILED when the two would have two writers of one location's licences.
 */
export async function createApplication(
  tx: EntityManager,
  core: Core,
  wanted: { storeApp: TokenScopedKey; targetId: string },
): Promise<string> {
  const { storeApp, targetId } = wanted;
  await requireAppAtTarget(tx, wanted);
  const created = await row<{ id: string }>(
    tx,
    `INSERT INTO application (token_id, store_app_id, target_id, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (token_id, store_app_id, target_id) DO UPDATE SET last_error = NULL RETURNING id`,
    [storeApp.tokenId, storeApp.id, targetId, core.clock.now()],
  );
  if (!created) throw new Error("An inserted application has no id");
  await addJob(tx, "prepare-applications", { targetId });
  return created.id;
}

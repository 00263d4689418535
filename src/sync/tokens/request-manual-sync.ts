import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import type { Core } from "../core.js";
import { holdOpenRun } from "./hold-open-run.js";
import { requestSync } from "./request-sync.js";
import { requireToken } from "./require-token.js";

/**
 * Somebody wants a token read, which is then read in full.
 * @returns the SyncRun's id.
 * @throws AppError NOT_FOUND.
 */
export async function requestManualSync(tx: EntityManager, core: Core, tokenId: string): Promise<string> {
  await holdOpenRun(tx, tokenId);
  await requireToken(tx, tokenId);
  return requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL });
}

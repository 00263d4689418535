import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import type { Token } from "../../entities/token.js";
import { PluginError } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { inOneGo } from "../targets/give-way.js";
import { readMirroredToken, refreshTargetToken } from "./refresh-target-token.js";
import { requestSync } from "./request-sync.js";

/**
 * Looks whether the other token of a duplicate's location is gone, and has its data read if so. It is asked of whoever knows
 * the location: Apple, or the product that owns the token.
 */
export async function recheckDuplicate(core: Core, token: Token): Promise<void> {
  const mirrored = await readMirroredToken(core, token, inOneGo);
  if (!mirrored) return core.dataSource.transaction((tx) => addJob(tx, "verify-token", { tokenId: token.id }));
  try {
    if (!(await refreshTargetToken(core, mirrored))) return;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    core.log.warn({ tokenId: token.id, kind: error.kind }, `A duplicate token was not looked at: ${error.message}`);
    return;
  }
  const reason = { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY };
  await core.dataSource.transaction((tx) => requestSync(tx, core, token.id, reason));
}

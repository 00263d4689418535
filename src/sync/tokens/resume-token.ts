import type { EntityManager } from "typeorm";
import { TokenAuthority, TokenHealthState } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { changeHealth } from "./change-health.js";
import { requireToken } from "./require-token.js";

/**
 * An admin ends the pause of a token; it writes again once Apple, or the MDM that owns it, has confirmed it. Much may have
 * changed meanwhile, so it is read, too.
 * @throws AppError NOT_FOUND, or CONFLICT when it is not paused.
 */
export async function resumeToken(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  const token = await requireToken(tx, tokenId);
  if (token.health_state !== TokenHealthState.SUSPENDED) {
    throw new AppError("CONFLICT", `The token "${token.name}" is not suspended: there is nothing to resume.`, {
      state: token.health_state,
    });
  }
  const ours = token.authority === TokenAuthority.SERVICE;
  const health = {
    state: TokenHealthState.UNVERIFIED,
    cause: `Resumed; ${ours ? "Apple" : "its MDM"} is being asked.`,
    evidence: null,
    remedy: null,
  };
  await changeHealth(tx, core, tokenId, health, { liftsPause: true });
  if (ours) await addJob(tx, "verify-token", { tokenId });
  await addJob(tx, "schedule-sync", { tokenId });
}

import type { EntityManager } from "typeorm";
import { TokenHealthState } from "../../entities/token.js";
import type { Core } from "../core.js";
import { cancelOpenRun } from "./cancel-open-run.js";
import { changeHealth } from "./change-health.js";
import { requireToken } from "./require-token.js";

/**
 * An admin pauses a token: nothing is written with it, and it is read only when an admin asks for that. What is being read
 * with it is given up.
 * @throws AppError NOT_FOUND.
 */
export async function suspendToken(tx: EntityManager, core: Core, tokenId: string, actor: string): Promise<void> {
  await cancelOpenRun(tx, core, tokenId);
  await requireToken(tx, tokenId);
  await changeHealth(tx, core, tokenId, {
    state: TokenHealthState.SUSPENDED,
    cause: "An admin has paused the token.",
    evidence: `suspendToken by ${actor}`,
    remedy: "Call resumeToken when it may write again.",
  });
}

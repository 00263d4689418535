import type { EntityManager } from "typeorm";
import { type AppleOperation, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { LOOK_UP_DELAY_MS } from "./operation-rules.js";

/**
 * Has an open operation looked at now: one that Apple works on, by its event; any other by its holders, of whom what was
 * refused before is forgotten, since somebody may have mended it. What is not so is then sent, with all attempts anew.
 * @param operation locked, and not being sent.
 */
export async function lookAgain(tx: EntityManager, core: Core, operation: AppleOperation): Promise<void> {
  const { tokenId, id, state } = operation;
  const sent = state === AppleOperationState.SENT;
  // Apple may just have begun on a request whose answer was lost: it keeps the time that it is left for that.
  const mayHaveBegun = state === AppleOperationState.UNKNOWN || state === AppleOperationState.SENDING;
  const at = mayHaveBegun ? core.clock.in(LOOK_UP_DELAY_MS) : core.clock.now();
  await tx.query(
    `UPDATE apple_operation SET state = $3, next_attempt_at = LEAST(next_attempt_at, $4), forgiven_attempts = attempts,
            deadline_at = CASE WHEN $5 THEN deadline_at END
     WHERE token_id = $1 AND id = $2`,
    [tokenId, id, sent ? state : AppleOperationState.UNKNOWN, at, sent],
  );
  if (!sent) {
    await tx.query(
      `UPDATE apple_operation_holder SET error_number = NULL
       WHERE token_id = $1 AND operation_id = $2 AND outcome = '${HolderOutcome.OPEN}'`,
      [tokenId, id],
    );
  }
  await addJob(tx, "run-operations", { tokenId }, mayHaveBegun ? at : null);
}

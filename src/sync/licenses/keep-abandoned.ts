import type { EntityManager } from "typeorm";
import { HolderOutcome } from "../../entities/apple-operation.js";
import { LicenseState } from "../../entities/license.js";
import type { Core } from "../core.js";
import type { OperationRecord } from "./operation-record.js";
import type { HolderResult } from "./settle-operation.js";

/**
 * The licences of an operation that was given up, as far as they are, or may be, still held at Apple: they count as held,
 * so that nothing is claimed in their place, and show among the leaked ones until they are reclaimed. One that Apple does
 * not show is ended by the reads that begin from now on, as any other (rule 3).
 */
export async function keepAbandoned(
  tx: EntityManager,
  core: Core,
  operation: OperationRecord,
  outcomes: readonly HolderResult[],
): Promise<void> {
  const kept = outcomes.filter((result) => result.outcome !== HolderOutcome.DONE);
  await tx.query(
    `UPDATE license SET state = '${LicenseState.HELD}', abandoned_at = $4, proven_at = $4, operation_id = NULL,
                        end_operation_id = NULL
     WHERE token_id = $1 AND id = ANY($2) AND operation_id = $3
       AND state IN ('${LicenseState.CLAIMING}', '${LicenseState.RETURNING}')`,
    [operation.tokenId, kept.map((result) => result.holder.licenseId), operation.id, core.clock.now()],
  );
}

import { HolderOutcome } from "../../entities/apple-operation.js";
import { HolderKind } from "../../entities/license.js";
import type { Core } from "../core.js";
import type { OperationRecord } from "./operation-record.js";

/** What Apple says of these holders; of all of an operation's, if it names none. */
export interface ToldFailure {
  readonly errorNumber: number;
  readonly serialNumbers: readonly string[];
  readonly clientUserIds: readonly string[];
}

/** Keeps what Apple said of single holders until the look-up; one that names nobody speaks of all others. */
export async function noteFailures(
  core: Core,
  operation: OperationRecord,
  failures: readonly ToldFailure[],
): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    for (const failure of failures) {
      const named = [
        ...failure.serialNumbers.map((key) => ({ kind: HolderKind.DEVICE, key })),
        ...failure.clientUserIds.map((key) => ({ kind: HolderKind.USER, key })),
      ];
      await tx.query(
        `UPDATE apple_operation_holder holder SET error_number = $3
         WHERE token_id = $1 AND operation_id = $2 AND outcome = '${HolderOutcome.OPEN}'
           AND ($4 AND error_number IS NULL OR (holder_kind, holder_key) IN (SELECT * FROM unnest($5::text[], $6::text[])))`,
        [
          operation.tokenId,
          operation.id,
          failure.errorNumber,
          named.length === 0,
          named.map((holder) => holder.kind),
          named.map((holder) => holder.key),
        ],
      );
    }
  });
}

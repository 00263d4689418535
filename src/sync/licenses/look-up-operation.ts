import { AppleOperationIntent, HolderOutcome } from "../../entities/apple-operation.js";
import type { AppleAccess, AppleUserRow } from "../apple/apple-client.js";
import { describeErrorNumber } from "../apple/error-numbers.js";
import type { Core } from "../core.js";
import { refreshCounts } from "../tokens/refresh-counts.js";
import { type OpenHolder, type OperationRecord, openHolders } from "./operation-record.js";
import { maySendAgain, NOT_ENOUGH_LICENSES } from "./operation-rules.js";
import { readHolding } from "./read-holders.js";
import { readNewRegistrations, readRegistrations } from "./read-registrations.js";
import { type HolderResult, settleOperation } from "./settle-operation.js";

/**
 * Finds out what became of an UNKNOWN operation by reading exactly its holders at Apple (rule 2): what is already so is
 * settled, what Apple refused for good is failed, the rest is sent again. Nothing else releases a claim or fails it.
 */
export async function lookUpOperation(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  const holders = await openHolders(core, operation);
  const provenAt = core.clock.now();
  const registrations = await registrationsAtApple(core, access, operation, holders);
  const isSo = await truthAtApple(core, access, operation, holders, registrations);
  const outcomes = holders.map((holder) => judge(operation, holder, isSo(holder)));
  if (operation.storeAppId !== null && outcomes.some((result) => result.errorNumber === NOT_ENOUGH_LICENSES)) {
    await refreshCounts(core, access, [operation.storeAppId]);
  }
  await core.dataSource.transaction((tx) =>
    settleOperation(tx, core, operation, { outcomes, registrations, provenAt }),
  );
}

async function registrationsAtApple(
  core: Core,
  access: AppleAccess,
  operation: OperationRecord,
  holders: readonly OpenHolder[],
): Promise<Map<string, AppleUserRow>> {
  const keys = holders.map((holder) => holder.key);
  if (operation.intent === AppleOperationIntent.CREATE_USERS) return readNewRegistrations(core, access, keys);
  if (operation.intent === AppleOperationIntent.RETIRE_USERS) return readRegistrations(core, access, keys);
  return new Map();
}

async function truthAtApple(
  core: Core,
  access: AppleAccess,
  operation: OperationRecord,
  holders: readonly OpenHolder[],
  registrations: ReadonlyMap<string, AppleUserRow>,
): Promise<(holder: OpenHolder) => boolean> {
  switch (operation.intent) {
    case AppleOperationIntent.CREATE_USERS:
      return (holder) => registrations.has(holder.key);
    case AppleOperationIntent.RETIRE_USERS:
      return (holder) => !registrations.has(holder.key);
    case AppleOperationIntent.ASSOCIATE:
      return readHolding(core, access, operation, holders);
    case AppleOperationIntent.DISASSOCIATE: {
      const holds = await readHolding(core, access, operation, holders);
      return (holder) => !holds(holder);
    }
  }
}

function judge(operation: OperationRecord, holder: OpenHolder, isSo: boolean): HolderResult {
  if (isSo) return { holder, outcome: HolderOutcome.DONE };
  const refusal = holder.errorNumber === null ? null : describeErrorNumber(holder.errorNumber);
  const final =
    refusal !== null && refusal.kind === "permanent" && operation.intent !== AppleOperationIntent.DISASSOCIATE;
  if (!final && maySendAgain(operation)) return { holder, outcome: HolderOutcome.OPEN };
  return {
    holder,
    outcome: HolderOutcome.FAILED,
    errorNumber: holder.errorNumber,
    detail: refusal?.detail ?? "Apple has not done it in five attempts.",
    remedy: refusal?.remedy ?? "Look at the operation's last error, then retry the installation.",
  };
}

import { AppleOperationIntent } from "../../entities/apple-operation.js";
import type { AppleAccess, AppleUserRow } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { type OpenHolder, type OperationRecord, openHolders } from "./operation-record.js";
import { readHolding } from "./read-holders.js";
import { readNewRegistrations, readRegistrations } from "./read-registrations.js";

/** What Apple shows of the holders of an operation whose outcome is not known yet. */
export interface HoldersSeen {
  readonly holders: readonly OpenHolder[];
  /** Whether what the operation intends is so. */
  readonly isSo: (holder: OpenHolder) => boolean;
  /** Live registrations, by client user id; only of operations about registrations. */
  readonly registrations: ReadonlyMap<string, AppleUserRow>;
  /** When Apple was asked. */
  readonly provenAt: Date;
}

/** Reads exactly the open holders of an operation at Apple (rule 2). @throws AppleError. */
export async function lookAtHolders(core: Core, access: AppleAccess, operation: OperationRecord): Promise<HoldersSeen> {
  const holders = await openHolders(core, operation);
  const provenAt = core.clock.now();
  const registrations = await registrationsAtApple(core, access, operation, holders);
  const isSo = await truthAtApple(core, access, operation, holders, registrations);
  return { holders, isSo, registrations, provenAt };
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

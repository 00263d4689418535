import { AppleOperationIntent, AppleOperationState } from "../../entities/apple-operation.js";
import { HolderKind } from "../../entities/license.js";
import type { AppleAccess, ServiceLimits } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { afterRefusal } from "./after-refusal.js";
import { changeOperation } from "./change-operation.js";
import { type OpenHolder, type OperationRecord, openHolders } from "./operation-record.js";
import { EVENT_DEADLINE_MS, SENDING_DEADLINE_MS } from "./operation-rules.js";
import { splitOperation } from "./split-operation.js";

/**
 * Sends a PENDING operation to Apple: SENDING is committed before, the event's id after (rule 2). An answer that was lost
 * makes it UNKNOWN; what follows a refusal is in `after-refusal`.
 */
export async function sendOperation(core: Core, access: AppleAccess, operation: OperationRecord): Promise<void> {
  const holders = await openHolders(core, operation);
  const { limits } = await core.apple.serviceConfig();
  const excess = holdersOverLimit(operation.intent, holders, limits);
  if (excess.length > 0) return splitOperation(core, operation, excess);

  const sending = await beginSending(core, operation);
  if (!sending) return;
  try {
    const { eventId } = await post(core, access, operation, holders);
    const now = core.clock.now();
    const isSent = await changeOperation(core.dataSource.manager, sending, {
      state: AppleOperationState.SENT,
      eventId,
      nextAttemptAt: now,
      deadlineAt: core.clock.in(EVENT_DEADLINE_MS),
    });
    if (!isSent) await keepEventId(core, sending, eventId);
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    await afterRefusal(core, sending, holders, error);
    if (error.kind === "token") throw error;
  }
}

async function beginSending(core: Core, operation: OperationRecord): Promise<OperationRecord | null> {
  const deadlineAt = new Date(core.clock.now().getTime() + SENDING_DEADLINE_MS);
  const begun = await changeOperation(core.dataSource.manager, operation, {
    state: AppleOperationState.SENDING,
    nextAttemptAt: deadlineAt,
    deadlineAt,
  });
  return begun ? { ...operation, state: AppleOperationState.SENDING, attempts: operation.attempts + 1 } : null;
}

/** Frozen, or taken for lost, while Apple answered: it is looked up, but the event is known to be ours. */
async function keepEventId(core: Core, { tokenId, id, attempts }: OperationRecord, eventId: string): Promise<void> {
  await core.dataSource.query(
    "UPDATE apple_operation SET event_id = $4 WHERE token_id = $1 AND id = $2 AND attempts = $3",
    [tokenId, id, attempts, eventId],
  );
}

function post(
  core: Core,
  access: AppleAccess,
  operation: OperationRecord,
  holders: readonly OpenHolder[],
): Promise<{ eventId: string }> {
  const clientUserIds = keysOf(holders, HolderKind.USER);
  switch (operation.intent) {
    case AppleOperationIntent.CREATE_USERS:
      return core.apple.createUsers(access, holders.map(registration));
    case AppleOperationIntent.RETIRE_USERS:
      return core.apple.retireUsers(access, clientUserIds);
    case AppleOperationIntent.ASSOCIATE:
      return core.apple.associate(access, {
        assets: assetsOf(operation),
        clientUserIds,
        serialNumbers: keysOf(holders, HolderKind.DEVICE),
      });
    case AppleOperationIntent.DISASSOCIATE:
      return core.apple.disassociate(access, {
        assets: assetsOf(operation),
        clientUserIds,
        serialNumbers: keysOf(holders, HolderKind.DEVICE),
      });
  }
}

function registration(holder: OpenHolder): { clientUserId: string; email?: string; managedAppleId?: string } {
  return {
    clientUserId: holder.key,
    ...(holder.email === null ? {} : { email: holder.email }),
    ...(holder.managedAppleId === null ? {} : { managedAppleId: holder.managedAppleId }),
  };
}

function assetsOf(operation: OperationRecord): { adamId: string; pricingParam: string }[] {
  if (operation.adamId === null || operation.pricingParam === null) {
    throw new Error(`Operation ${operation.id} has no app`);
  }
  return [{ adamId: operation.adamId, pricingParam: operation.pricingParam }];
}

function keysOf(holders: readonly OpenHolder[], kind: HolderKind): string[] {
  return holders.filter((holder) => holder.kind === kind).map((holder) => holder.key);
}

/** The holders beyond what Apple takes in one request today. */
function holdersOverLimit(
  intent: AppleOperationIntent,
  holders: readonly OpenHolder[],
  limits: ServiceLimits,
): OpenHolder[] {
  const users = holders.filter((holder) => holder.kind === HolderKind.USER);
  const devices = holders.filter((holder) => holder.kind === HolderKind.DEVICE);
  const registers = intent === AppleOperationIntent.CREATE_USERS || intent === AppleOperationIntent.RETIRE_USERS;
  return [
    ...users.slice(registers ? limits.maxUsers : limits.maxClientUserIds),
    ...devices.slice(limits.maxSerialNumbers),
  ];
}

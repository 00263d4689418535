import type { EntityManager } from "typeorm";
import { AppleOperationIntent, AppleOperationState, HolderOutcome } from "../../entities/apple-operation.js";
import { AppError } from "../../errors.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core, TokenScopedKey } from "../core.js";
import { refusedToken } from "../tokens/refused-token.js";
import { accessToken } from "../tokens/token-access.js";
import { eventStatus } from "./follow-operation.js";
import { type HoldersSeen, lookAtHolders } from "./look-at-holders.js";
import { type OpenHolder, type OperationRecord, openHolders } from "./operation-record.js";
import { SENDING_DEADLINE_MS } from "./operation-rules.js";
import { requireOpenOperation } from "./require-open-operation.js";
import { type HolderResult, settleOperation } from "./settle-operation.js";

/** An operation to be given up, with the last look at Apple. */
export interface PreparedAbandonment {
  readonly operation: OperationRecord;
  readonly holders: readonly OpenHolder[];
  /** Null when Apple could not be asked. */
  readonly seen: HoldersSeen | null;
  /** Apple may still be at work on it: what is not so yet may become so. */
  readonly underWay: boolean;
}

/** What has become of the holders of an operation that was given up. */
export interface Abandonment {
  /** It is so at Apple. */
  readonly settled: number;
  /** It is not so at Apple, by Apple's own word. */
  readonly released: number;
  /** Nobody knows, or a licence stays at Apple that nothing here wants. */
  readonly mayLeak: number;
}

const STATES_AT_APPLE: readonly AppleOperationState[] = [
  AppleOperationState.SENT,
  AppleOperationState.UNKNOWN,
  AppleOperationState.PAUSED,
];

/**
 * Looks once more at Apple what became of an operation that an admin wants to give up; nothing is written.
 * @param force give it up without Apple's word, too.
 * @throws AppError NOT_FOUND; CONFLICT when it is over, is being sent, or Apple is at work on it; when Apple cannot be asked,
 * what `refusedToken` says. The last two not with `force`.
 */
export async function prepareAbandonment(
  core: Core,
  key: TokenScopedKey,
  { force }: { readonly force: boolean },
): Promise<PreparedAbandonment> {
  const operation = await requireOpenOperation(core, key);
  const holders = await openHolders(core, operation);
  const look = await lookOnceMore(core, operation);
  if (look instanceof AppError) {
    if (!force) throw withLeak(look, operation, holders.length);
    return { operation, holders, seen: null, underWay: true };
  }
  const undone = holders.filter((holder) => !look.seen.isSo(holder));
  if (look.underWay && undone.length > 0 && !force) {
    const what =
      "Apple may still be at work on this operation. Wait until its next attempt, or give it up with `force`.";
    throw withLeak(new AppError("CONFLICT", what, { eventId: operation.eventId }), operation, undone.length);
  }
  return { operation, holders, ...look };
}

/**
 * Gives an operation up: what is so at Apple is settled, what by Apple's word is not so is released, and of the rest the
 * licences stay here as held, to be seen among the leaked ones.
 * @throws AppError CONFLICT when it has moved since the look.
 */
export async function abandonOperation(
  tx: EntityManager,
  core: Core,
  { operation, holders, seen, underWay }: PreparedAbandonment,
  actor: string,
): Promise<Abandonment> {
  const outcomes = holders.map((holder) => judge(operation, holder, { isSo: seen?.isSo(holder) ?? false, underWay }));
  const written = await settleOperation(tx, core, operation, {
    outcomes,
    registrations: seen?.registrations ?? new Map(),
    provenAt: seen?.provenAt ?? core.clock.now(),
    abandonedBy: actor,
  });
  if (!written) throw new AppError("CONFLICT", "The operation has just moved on. Look at it again.");
  const count = (outcome: HolderOutcome) => outcomes.filter((result) => result.outcome === outcome).length;
  const stays = operation.intent === AppleOperationIntent.DISASSOCIATE ? count(HolderOutcome.FAILED) : 0;
  return {
    settled: count(HolderOutcome.DONE),
    released: count(HolderOutcome.FAILED) - stays,
    mayLeak: count(HolderOutcome.ABANDONED) + stays,
  };
}

async function lookOnceMore(
  core: Core,
  operation: OperationRecord,
): Promise<{ seen: HoldersSeen; underWay: boolean } | AppError> {
  const access = await accessToken(core, operation.tokenId);
  if (!access) return new AppError("TOKEN_INVALID", "The token's file cannot be opened here: see its health.");
  try {
    const underWay = await isUnderWay(core, access, operation);
    return { seen: await lookAtHolders(core, access, operation), underWay };
  } catch (error) {
    if (error instanceof AppleError) return refusedToken(core, error);
    throw error;
  }
}

/**
 * An event that is not over; or a request that was lost, or frozen on its way, so lately that Apple may not have begun it:
 * the event we know of may be an earlier attempt's.
 */
async function isUnderWay(core: Core, access: AppleAccess, operation: OperationRecord): Promise<boolean> {
  if (!STATES_AT_APPLE.includes(operation.state)) return false;
  const waitMs = operation.nextAttemptAt.getTime() - core.clock.now().getTime();
  const wasFrozen = operation.state === AppleOperationState.PAUSED && waitMs <= SENDING_DEADLINE_MS;
  if (waitMs > 0 && (operation.state === AppleOperationState.UNKNOWN || wasFrozen)) return true;
  return (await eventStatus(core, access, operation))?.eventStatus === "PENDING";
}

function judge(
  { intent }: OperationRecord,
  holder: OpenHolder,
  { isSo, underWay }: { readonly isSo: boolean; readonly underWay: boolean },
): HolderResult {
  const { errorNumber } = holder;
  if (isSo) return { holder, outcome: HolderOutcome.DONE };
  if (underWay) return { holder, outcome: HolderOutcome.ABANDONED, errorNumber, ...UNKNOWN_WORDS[intent] };
  return { holder, outcome: HolderOutcome.FAILED, errorNumber, ...KNOWN_WORDS[intent] };
}

interface Words {
  readonly detail: string;
  readonly remedy: string;
}

const SYNCHRONISE = "Synchronise the token once Apple can be asked.";

const UNKNOWN_WORDS: Readonly<Record<AppleOperationIntent, Words>> = {
  ASSOCIATE: {
    detail: "Given up without Apple's word: the holder may have the licence.",
    remedy: `${SYNCHRONISE} Until then it counts as held, and is among the leakedLicenses.`,
  },
  DISASSOCIATE: {
    detail: "Given up without Apple's word: the holder may still have the licence.",
    remedy: `${SYNCHRONISE} If it is held, it is among the leakedLicenses: take it back with reclaimLicenses.`,
  },
  CREATE_USERS: {
    detail: "Given up without Apple's word: the person may be registered.",
    remedy: `${SYNCHRONISE} A registration that Apple then shows is taken in; then retry the installation.`,
  },
  RETIRE_USERS: {
    detail: "Given up without Apple's word: the registration may have ended.",
    remedy: `${SYNCHRONISE} The registration is then as Apple shows it.`,
  },
};

const KNOWN_WORDS: Readonly<Record<AppleOperationIntent, Words>> = {
  ASSOCIATE: {
    detail: "Given up by an admin: Apple shows no such licence.",
    remedy: "Retry the installation if the app is still wanted.",
  },
  DISASSOCIATE: {
    detail: "Given up by an admin: Apple shows that the holder still has the licence.",
    remedy: "It is among the leakedLicenses: take it back with reclaimLicenses.",
  },
  CREATE_USERS: {
    detail: "Given up by an admin: Apple shows no such registration.",
    remedy: "Retry the installation if the person still needs the app.",
  },
  RETIRE_USERS: {
    detail: "Given up by an admin: Apple shows that the registration lives.",
    remedy: "Nothing is to be done: it stays registered.",
  },
};

/** The refusal says what would be lost sight of, since `force` is the answer to it. */
function withLeak(refusal: AppError, { intent }: OperationRecord, mayLeak: number): AppError {
  const about = intent === "ASSOCIATE" || intent === "DISASSOCIATE" ? "licences" : "registrations";
  const leak = `With \`force\`, ${mayLeak} ${about} would be given up without Apple's word, and may leak.`;
  return new AppError(refusal.code, `${refusal.message} ${leak}`, { ...refusal.details, mayLeak });
}

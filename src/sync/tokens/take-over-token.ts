import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { TokenAuthority, TokenHealthState } from "../../entities/token.js";
import { AppError, type ErrorCode } from "../../errors.js";
import type { Reader } from "../../queries/sql.js";
import type { AppleAccess, ClientConfig, MdmInfo } from "../apple/apple-client.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { changeHealth } from "./change-health.js";
import { adoptHolders } from "./claim/adopt-holders.js";
import { claimant, judgeLocation } from "./claim/judge-location.js";
import { type LocationFacts, readLocationFacts } from "./claim/location-facts.js";
import { planTakeOver, type TakeOverPlan } from "./claim/plan-take-over.js";
import { locationOf } from "./health-from-config.js";
import { holdOpenRun } from "./hold-open-run.js";
import { refusedToken } from "./refused-token.js";
import { requestSync } from "./request-sync.js";
import { noSuchToken, requireToken } from "./require-token.js";
import { accessToken } from "./token-access.js";

/** Apple is asked for so long, in milliseconds of real time, while somebody waits. */
const ASKING_MS = 20_000;

/** A token whose location another holds, with what Apple has just said of that. */
export interface PreparedTakeOver {
  readonly tokenId: string;
  readonly config: ClientConfig;
}

/**
 * Asks Apple who holds the location of a token; nothing is written there.
 * @throws AppError NOT_FOUND, PRECONDITION_FAILED (an MDM owns the token), CONFLICT (nobody else holds it; it is being
 * removed; the database is being read anew), TOKEN_SUSPENDED, TOKEN_EXPIRED, TOKEN_REVOKED, TOKEN_INVALID,
 * TOKEN_READ_ONLY, APPLE_UNAVAILABLE, APPLE_REJECTED.
 */
export async function prepareTakeOver(core: Core, tokenId: string): Promise<PreparedTakeOver> {
  await requireUsable(core.dataSource, tokenId);
  const access = await accessToken(core, tokenId);
  if (!access) {
    throw new AppError("TOKEN_INVALID", "The token's file cannot be opened here: its health says what to do.");
  }
  const config = await askApple(core, access);
  await requireOthers(core.dataSource, tokenId, config);
  return { tokenId, config };
}

/** What a takeover would adopt and disturb. @throws AppError as `prepareTakeOver`. */
export async function planTokenTakeOver(db: Reader, { tokenId, config }: PreparedTakeOver): Promise<TakeOverPlan> {
  const { facts, claim } = await requireOthers(db, tokenId, config);
  return planTakeOver(db, tokenId, { claim, copy: claim.id.toLowerCase() === facts.mdmId });
}

/**
 * Decides to write our claim over the one that stands there, which verify-token then does once, and only over that one;
 * links what the other has given to the people and devices it is given to; and has everything read.
 * @returns the SyncRun's id.
 * @throws AppError as `prepareTakeOver`.
 */
export async function takeOverToken(
  tx: EntityManager,
  core: Core,
  { tokenId, config }: PreparedTakeOver,
): Promise<string> {
  await holdOpenRun(tx, tokenId);
  await requireToken(tx, tokenId);
  const { facts, claim } = await requireOthers(tx, tokenId, config);
  await changeHealth(tx, core, tokenId, {
    state: TokenHealthState.UNVERIFIED,
    cause: "The location is being taken over; Apple is being asked.",
    evidence: `mdmInfo named "${claim.name}" with the id ${claim.id}`,
    remedy: null,
  });
  await tx.query("UPDATE token SET taking_over = $2 WHERE id = $1", [tokenId, claimant(facts, claim)]);
  await adoptHolders(tx, tokenId);
  await addJob(tx, "verify-token", { tokenId });
  return requestSync(tx, core, tokenId, { mode: SyncMode.FULL, trigger: SyncTrigger.MANUAL });
}

async function askApple(core: Core, access: AppleAccess): Promise<ClientConfig> {
  try {
    return await core.apple.clientConfig(access, AbortSignal.timeout(ASKING_MS));
  } catch (error) {
    throw error instanceof AppleError ? refusedToken(core, error) : error;
  }
}

/** @throws AppError CONFLICT unless another holds the location. */
async function requireOthers(
  db: Reader,
  tokenId: string,
  config: ClientConfig,
): Promise<{ facts: LocationFacts; claim: MdmInfo }> {
  const facts = await requireUsable(db, tokenId);
  const verdict = judgeLocation(facts, locationOf(config));
  if ((verdict === "foreign" || verdict === "copy") && config.mdmInfo) return { facts, claim: config.mdmInfo };
  throw new AppError(
    "CONFLICT",
    facts.takingOver === null
      ? `No other MDM holds the location of "${facts.name}": there is nothing to take over.`
      : `"${facts.name}" is being taken over already. Look at its health for how that goes.`,
    { healthState: facts.state },
  );
}

const REFUSALS: Readonly<Partial<Record<TokenHealthState, readonly [code: ErrorCode, sentence: string]>>> = {
  SUSPENDED: ["TOKEN_SUSPENDED", "It is suspended: call resumeToken first."],
  EXPIRED: ["TOKEN_EXPIRED", "It has expired: renew it first."],
  REVOKED: ["TOKEN_REVOKED", "Apple has revoked it: renew it first."],
  INVALID: ["TOKEN_INVALID", "Apple does not accept it for its location: see its health."],
  READ_ONLY: [
    "TOKEN_READ_ONLY",
    "It may only read: renew it with a file of an account that may manage apps and books.",
  ],
  DUPLICATE_LOCATION: ["CONFLICT", "Another token here belongs to the same location: use that one."],
};

/** @throws AppError for a token that could not write, whoever holds its location. */
async function requireUsable(db: Reader, tokenId: string): Promise<LocationFacts> {
  const facts = await readLocationFacts(db, tokenId);
  if (!facts) throw noSuchToken(tokenId);
  const refuse = (code: ErrorCode, sentence: string): never => {
    throw new AppError(code, `The location of "${facts.name}" cannot be taken over. ${sentence}`, {
      healthState: facts.state,
    });
  };
  if (facts.authority === TokenAuthority.TARGET) {
    refuse(
      "PRECONDITION_FAILED",
      "An MDM owns the token, and Allotment only mirrors it: add its file as a token of its own.",
    );
  }
  const refusal = REFUSALS[facts.state];
  if (refusal) refuse(...refusal);
  if (facts.removing) refuse("CONFLICT", "The token is being removed.");
  if (facts.distrustedAt !== null) {
    refuse("CONFLICT", "The database was restored or copied, and everything is read from Apple first: try again then.");
  }
  return facts;
}

import { TokenHealthState } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";
import { appleAccess } from "../apple/apple-access.js";
import type { AppleAccess } from "../apple/apple-client.js";
import type { AppleError } from "../apple/apple-error.js";
import { describeErrorNumber } from "../apple/error-numbers.js";
import type { Core, SecretPlace } from "../core.js";
import { changeHealth, type HealthFinding } from "./change-health.js";

/** Where a token file's text is stored. */
export function tokenSecretPlace(tokenId: string): SecretPlace {
  return { table: "token", column: "secret", row: tokenId };
}

/**
 * With what Apple is asked for this token; null when there is no such token, an MDM owns it, or its file cannot be opened,
 * which then is its health.
 */
export async function accessToken(core: Core, tokenId: string): Promise<AppleAccess | null> {
  const token = await row<{ secret: string | null }>(core.dataSource, "SELECT secret FROM token WHERE id = $1", [
    tokenId,
  ]);
  if (!token?.secret) return null;
  try {
    return appleAccess(tokenId, core.secrets.open(token.secret, tokenSecretPlace(tokenId)));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await recordUnreadable(core, tokenId, token.secret, error);
    return null;
  }
}

/** Unless the token was renewed meanwhile, and has another file. */
async function recordUnreadable(core: Core, tokenId: string, secret: string, error: AppError): Promise<void> {
  core.log.error({ tokenId, error: error.message }, "A token's file cannot be opened");
  await core.dataSource.transaction(async (tx) => {
    const same = await row(tx, "SELECT 1 FROM token WHERE id = $1 AND secret = $2 FOR NO KEY UPDATE", [
      tokenId,
      secret,
    ]);
    if (!same) return;
    await changeHealth(tx, core, tokenId, {
      state: TokenHealthState.INVALID,
      cause: "The token's file is stored encrypted, and none of our keys opens it.",
      evidence: error.message,
      remedy:
        "Put the former key behind the new one in ENCRYPTION_KEY and start again; or download a new token file at Apple and call `renewToken` with it.",
    });
  });
}

const STATES: ReadonlyMap<number, TokenHealthState> = new Map([
  [9621, TokenHealthState.EXPIRED],
  [9625, TokenHealthState.REVOKED],
  [9637, TokenHealthState.READ_ONLY],
]);

/** What an error of Apple's says of the token itself; null when it says nothing of it. */
export function tokenErrorHealth(error: AppleError): HealthFinding | null {
  if (error.kind !== "token") return null;
  if (error.errorNumber === null) {
    return {
      state: TokenHealthState.INVALID,
      cause: "Apple refuses the token.",
      evidence: `HTTP status ${error.httpStatus}`,
      remedy: describeErrorNumber(9622).remedy,
    };
  }
  const { detail, remedy } = describeErrorNumber(error.errorNumber);
  const state = STATES.get(error.errorNumber) ?? TokenHealthState.INVALID;
  return { state, cause: detail, evidence: `Apple's error ${error.errorNumber}`, remedy };
}

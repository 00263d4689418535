import { TokenHealthState } from "../../entities/token.js";
import { row } from "../../queries/sql.js";
import type { AppleAccess } from "../apple/apple-client.js";
import type { AppleError } from "../apple/apple-error.js";
import { describeErrorNumber } from "../apple/error-numbers.js";
import type { Core, SecretPlace } from "../core.js";
import type { HealthFinding } from "./change-health.js";

/** Where a token file's text is stored. */
export function tokenSecretPlace(tokenId: string): SecretPlace {
  return { table: "token", column: "secret", row: tokenId };
}

/** With what Apple is asked for this token; null when there is no such token, or an MDM owns it. */
export async function accessToken(core: Core, tokenId: string): Promise<AppleAccess | null> {
  const token = await row<{ secret: string | null }>(core.dataSource, "SELECT secret FROM token WHERE id = $1", [
    tokenId,
  ]);
  if (!token?.secret) return null;
  return { tokenId, text: core.secrets.open(token.secret, tokenSecretPlace(tokenId)) };
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

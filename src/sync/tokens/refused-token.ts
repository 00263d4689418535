import { TokenHealthState } from "../../entities/token.js";
import { AppError, type ErrorCode } from "../../errors.js";
import type { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { tokenErrorHealth } from "./token-access.js";

const RETRY_MS = 60_000;

const CODES: Partial<Record<TokenHealthState, ErrorCode>> = {
  [TokenHealthState.EXPIRED]: "TOKEN_EXPIRED",
  [TokenHealthState.REVOKED]: "TOKEN_REVOKED",
  [TokenHealthState.READ_ONLY]: "TOKEN_READ_ONLY",
};

/** What a caller is told when Apple does not take a token, or cannot be asked. */
export function refusedToken(core: Core, error: AppleError): AppError {
  const numbers = error.errorNumber === null ? {} : { appleErrorNumber: error.errorNumber };
  const health = tokenErrorHealth(error);
  if (health) {
    return new AppError(CODES[health.state] ?? "TOKEN_INVALID", `${health.cause} ${health.remedy}`, numbers);
  }
  if (error.kind === "retryable") {
    const wait = Math.max(core.clock.scaled(RETRY_MS), error.retryAfterMs ?? 0);
    const retryAt = new Date(core.clock.now().getTime() + wait).toISOString();
    return new AppError("APPLE_UNAVAILABLE", `${error.message} Try again at ${retryAt}.`, { ...numbers, retryAt });
  }
  return new AppError("APPLE_REJECTED", `${error.message} The token file was not taken.`, numbers);
}

import { type Token, TokenAuthority, TokenHealthState, WRITABLE_HEALTH } from "../../entities/token.js";
import { AppError, type ErrorCode } from "../../errors.js";

const CODE_OF_HEALTH: Readonly<Partial<Record<TokenHealthState, ErrorCode>>> = {
  EXPIRED: "TOKEN_EXPIRED",
  REVOKED: "TOKEN_REVOKED",
  INVALID: "TOKEN_INVALID",
  CLAIMED_ELSEWHERE: "TOKEN_CLAIMED_ELSEWHERE",
  READ_ONLY: "TOKEN_READ_ONLY",
  SUSPENDED: "TOKEN_SUSPENDED",
  DUPLICATE_LOCATION: "TOKEN_READ_ONLY",
};

/**
 * One that was just added or renewed passes: what is planned with it waits until Apple has confirmed our claim.
 * @throws AppError the code of the state in which a token may not write.
 */
export function refuseFrozenToken(token: Token): void {
  const { state, cause, remedy } = token.health;
  if (token.authority === TokenAuthority.TARGET || state === TokenHealthState.UNVERIFIED) return;
  if (WRITABLE_HEALTH.includes(state)) return;
  throw new AppError(
    CODE_OF_HEALTH[state] ?? "CONFLICT",
    `The token "${token.name}" may not write. ${cause ?? `It is ${state}.`} ${remedy ?? "See its health."}`,
    { healthState: state },
  );
}

/** @throws AppError CONFLICT: a token that is being removed takes on nothing new. */
export function refuseRemovedToken(token: Token): void {
  if (token.removingAt === null) return;
  throw new AppError("CONFLICT", `The token "${token.name}" is being removed. Use another token.`, {
    removingAt: token.removingAt.toISOString(),
  });
}

import { TokenHealthState } from "../../entities/token.js";
import type { TargetToken } from "../../plugins/contract.js";

export interface TargetTokenHealth {
  readonly state: TokenHealthState;
  readonly cause: string | null;
  readonly evidence: string | null;
  readonly remedy: string | null;
}

/** The health of a token that a product owns, from what the product says of it. */
export function targetTokenHealth(token: TargetToken, target: string, now: Date): TargetTokenHealth {
  const evidence = `"${target}" reports it as ${token.state}`;
  if (token.state === "invalid") {
    return {
      state: TokenHealthState.INVALID,
      cause: `"${target}" reports the token as invalid.`,
      evidence,
      remedy: `Upload a new token file at "${target}".`,
    };
  }
  if (token.state === "claimed-elsewhere") {
    return {
      state: TokenHealthState.CLAIMED_ELSEWHERE,
      cause: "Another MDM has claimed its location.",
      evidence,
      remedy: `Take the token away from the other MDM, or claim it again at "${target}".`,
    };
  }
  if (token.state === "expired" || (token.expiresAt !== null && token.expiresAt <= now)) {
    return {
      state: TokenHealthState.EXPIRED,
      cause: token.expiresAt === null ? "It has expired." : `It expired on ${token.expiresAt.toISOString()}.`,
      evidence,
      remedy: `Download a new token file from Apple and renew it at "${target}".`,
    };
  }
  return { state: TokenHealthState.ACTIVE, cause: null, evidence, remedy: null };
}

/** The health of a token whose Apple location another token here works. */
export function duplicateLocationHealth(other: string): TargetTokenHealth {
  return {
    state: TokenHealthState.DUPLICATE_LOCATION,
    cause: `The token "${other}" here belongs to the same Apple location.`,
    evidence: "the location id that the target reports",
    remedy: "Remove one of the two: a location may have one writer only.",
  };
}

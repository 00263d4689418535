import { TokenHealthState } from "../../entities/token.js";
import type { ClientConfig } from "../apple/apple-client.js";
import type { HealthFinding } from "./change-health.js";

/** So long before its end a token is EXPIRING. */
const EXPIRING_MS = 30 * 86_400_000;

/** Whom Apple names as the holder of a location. */
export type Claim = "none" | "ours" | "foreign";

/** @param mdmId our own id at Apple. */
export function claimOf({ mdmInfo }: ClientConfig, mdmId: string): Claim {
  if (mdmInfo === null) return "none";
  return mdmInfo.id.toLowerCase() === mdmId.toLowerCase() ? "ours" : "foreign";
}

/** What is so of a token whose location another MDM holds. */
export function foreignHealth({ mdmInfo }: ClientConfig): HealthFinding {
  return {
    state: TokenHealthState.CLAIMED_ELSEWHERE,
    cause: "Another MDM has claimed the location.",
    evidence: `mdmInfo names "${mdmInfo?.name}" with the id ${mdmInfo?.id}`,
    remedy:
      "Remove the token at the other MDM, or add the token of another location: two writers would undo each other's work.",
  };
}

/** What is so of a token that Apple accepts and whose location is ours. */
export function confirmedHealth(expiresAt: Date | null, now: Date): HealthFinding {
  if (expiresAt === null || expiresAt.getTime() - now.getTime() > EXPIRING_MS) {
    return { state: TokenHealthState.ACTIVE, cause: null, evidence: null, remedy: null };
  }
  return {
    state: TokenHealthState.EXPIRING,
    cause: "The token expires soon.",
    evidence: `It expires at ${expiresAt.toISOString()}`,
    remedy: "Download a new token file at Apple before that day.",
  };
}

import { TokenHealthState } from "../../entities/token.js";
import type { AnsweredLocation, ClientConfig, MdmInfo } from "../apple/apple-client.js";
import type { HealthFinding } from "./change-health.js";

/** So long before its end a token is EXPIRING. */
const EXPIRING_MS = 30 * 86_400_000;

/** What a client config tells of the location: unlike in other answers, a claim that is missing there is none. */
export function locationOf({ uId, mdmInfo, tokenExpirationDate }: ClientConfig): AnsweredLocation {
  return { locationId: uId, mdmInfo, expiresAt: tokenExpirationDate, told: true };
}

/** What is so of a token whose location another MDM holds. */
export function foreignHealth({ id, name }: MdmInfo): HealthFinding {
  return {
    state: TokenHealthState.CLAIMED_ELSEWHERE,
    cause: "Another MDM has claimed the location.",
    evidence: `mdmInfo names "${name}" with the id ${id}`,
    remedy:
      "Make a new token at Apple, of another location, and add it; or take the token from the other MDM and call `takeOverToken`: two writers would undo each other's work.",
  };
}

/** What is so of a token whose location another living copy of this installation holds. */
export function copyHealth({ metadata }: MdmInfo): HealthFinding {
  return {
    state: TokenHealthState.CLAIMED_ELSEWHERE,
    cause: "A copy of this installation, with a copy of its database, has claimed the location.",
    evidence: `mdmInfo has our id and the metadata ${metadata}`,
    remedy: "Stop one of the two. If this one is to go on, call `takeOverToken`.",
  };
}

/** What is so of a token that opens another location than before. */
export function movedHealth(from: string | null, to: string | null, twin: string | null): HealthFinding {
  const evidence = `Apple's uId was ${from} and is now ${to}`;
  if (twin !== null) {
    return {
      state: TokenHealthState.DUPLICATE_LOCATION,
      cause: `The token opens the location of the token "${twin}" now.`,
      evidence,
      remedy: "Remove this token: a location has one token here.",
    };
  }
  return {
    state: TokenHealthState.INVALID,
    cause: "The token opens another Apple location than it did.",
    evidence,
    remedy: "Add it as a new token: the apps and licenses here belong to the other location.",
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
    remedy: "Download a new token file at Apple and upload it with `renewToken` before that day.",
  };
}

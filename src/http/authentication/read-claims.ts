import type { JWTPayload } from "jose";
import { Role } from "../../entities/role.js";
import { AppError } from "../../errors.js";
import type { Access } from "../../schema/access.js";
import type { OidcSettings } from "./oidc-settings.js";

const LONGEST_NAME = 200;
const MOST_TEAMS = 500;
/** Among the teams of a token: its holder sees everything. */
const ALL_TEAMS = "*";

/**
 * Whom a genuine token names, and what that person may.
 * @throws AppError FORBIDDEN without a role that is known here; UNAUTHENTICATED without a usable name.
 */
export function readClaims(claims: JWTPayload, settings: OidcSettings): Access {
  const name = claimAt(claims, settings.actorClaim);
  if (typeof name !== "string" || name.trim() === "" || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
    throw new AppError("UNAUTHENTICATED", `This token has no usable claim \`${settings.actorClaim}\`.`, {
      claim: settings.actorClaim,
    });
  }
  const roles = textsAt(claims, settings.roleClaim).map((role) => role.toUpperCase());
  const role = Object.values(Role).findLast((known) => roles.includes(known));
  if (!role) {
    throw new AppError(
      "FORBIDDEN",
      `This token's claim \`${settings.roleClaim}\` names no role that is known here: VIEWER, OPERATOR or ADMIN.`,
      { claim: settings.roleClaim },
    );
  }
  return { actor: `oidc:${name.trim()}`, role, teams: teamsIn(claims, settings.teamsClaim) };
}

/** Who has no teams where they are asked for sees nothing. */
function teamsIn(claims: JWTPayload, claim: string | null): readonly string[] | null {
  if (claim === null) return null;
  const teams = textsAt(claims, claim);
  return teams.includes(ALL_TEAMS) ? null : teams.filter((team) => !team.includes("\0")).slice(0, MOST_TEAMS);
}

/** One text, or several. */
function textsAt(claims: JWTPayload, claim: string): string[] {
  return [claimAt(claims, claim)].flat().filter((text): text is string => typeof text === "string");
}

/** A claim of that name, or one inside others: `realm_access.roles`. */
function claimAt(claims: JWTPayload, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let at: unknown = claims;
  for (const part of claim.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[part];
  }
  return at;
}

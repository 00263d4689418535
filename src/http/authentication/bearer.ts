import { hashOf, isSameHash } from "../../sync/access/secret-hash.js";

/** What an `Authorization` header carries as bearer; null when it carries none. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** Whether an `Authorization` header carries this bearer. */
export function carriesBearer(authorization: string | undefined, expected: string): boolean {
  const bearer = bearerOf(authorization);
  return bearer !== null && isSameHash(hashOf(bearer), hashOf(expected));
}

import { createHash, timingSafeEqual } from "node:crypto";

/** What an `Authorization` header carries as bearer; null when it carries none. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** Whether an `Authorization` header carries this bearer. */
export function carriesBearer(authorization: string | undefined, expected: string): boolean {
  const bearer = bearerOf(authorization);
  return bearer !== null && sameText(bearer, expected);
}

/** Digests have one length, so that the comparison tells nothing of the key's. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

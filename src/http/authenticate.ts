import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.js";
import { ADMIN } from "../resolvers/context.js";

/**
 * Who sends this `Authorization` header.
 * @throws AppError UNAUTHENTICATED without a key, or with a wrong one; both take the same time.
 */
export function authenticate(authorization: string | undefined, adminApiKey: string): string {
  const carries = carriesBearer(authorization, adminApiKey);
  if (carries) return ADMIN;
  throw new AppError(
    "UNAUTHENTICATED",
    carries === null
      ? "Send the API key in the header `Authorization: Bearer <key>`."
      : "This API key is not the one of this installation.",
  );
}

/** Whether an `Authorization` header carries this bearer; null when it carries none. */
export function carriesBearer(authorization: string | undefined, expected: string): boolean | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  return bearer === undefined ? null : sameText(bearer, expected);
}

/** Digests have one length, so that the comparison tells nothing of the key's. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

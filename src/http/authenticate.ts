import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.js";

/** Who a bearer of the one key of this installation is, in the ledger. */
const ADMIN = "admin";

/**
 * Who sends this `Authorization` header.
 * @throws AppError UNAUTHENTICATED without a key, or with a wrong one; both take the same time.
 */
export function authenticate(authorization: string | undefined, adminApiKey: string): string {
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (key !== undefined && sameText(key, adminApiKey)) return ADMIN;
  throw new AppError(
    "UNAUTHENTICATED",
    key === undefined
      ? "Send the API key in the header `Authorization: Bearer <key>`."
      : "This API key is not the one of this installation.",
  );
}

/** Digests have one length, so that the comparison tells nothing of the key's. */
function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

import { createHash, timingSafeEqual } from "node:crypto";

/** By which a secret is compared and stored. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Whether two hashes are the same, in a time that tells nothing. */
export function isSameHash(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

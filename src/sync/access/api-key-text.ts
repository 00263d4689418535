import { randomBytes } from "node:crypto";

/** 16 letters and digits find the key, 43 characters of base64url (32 bytes) prove it. */
const KEY = /^(allot_[0-9a-f]{16})_[\w-]{43}$/;

/** A new key, and how it is found. */
export interface ApiKeyText {
  readonly text: string;
  readonly prefix: string;
}

export function newApiKeyText(): ApiKeyText {
  const prefix = `allot_${randomBytes(8).toString("hex")}`;
  return { text: `${prefix}_${randomBytes(32).toString("base64url")}`, prefix };
}

/** How the key that this may be is found; null when it cannot be one. */
export function prefixOf(text: string): string | null {
  return KEY.exec(text)?.[1] ?? null;
}

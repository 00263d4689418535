import type { AppleAccess } from "./apple-client.js";

/** With what Apple is asked, made so that whoever logs or copies it does not get the secret by accident. */
export function appleAccess(tokenId: string, text: string): AppleAccess {
  return Object.defineProperty({ tokenId, text }, "text", { enumerable: false });
}

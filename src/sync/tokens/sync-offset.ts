import { createHash } from "node:crypto";

/**
 * A token's place within a span of time, as a share of it from 0 (included) to 1 (excluded): the same for a token always,
 * and even over many tokens, so that their work is spread and can be told beforehand.
 * @param span names the span; a token's places in two spans have nothing to do with each other.
 */
export function syncOffset(tokenId: string, span: "slot" | "period"): number {
  return createHash("sha256").update(`${span}:${tokenId}`).digest().readUInt32BE() / 2 ** 32;
}

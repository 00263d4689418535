import type { EntityManager } from "typeorm";
import { row } from "../../queries/sql.js";
import type { AppleAccess } from "../apple/apple-client.js";
import { fingerprintOf } from "./token-file.js";

/**
 * Whether a token still has the file that Apple was asked with; the token is locked until the transaction ends. If it was
 * renewed or removed meanwhile, what Apple answered to the old file says nothing of the token any more.
 */
export async function holdsFile(tx: EntityManager, { tokenId, text }: AppleAccess): Promise<boolean> {
  const held = await row(tx, "SELECT 1 FROM token WHERE id = $1 AND fingerprint = $2 FOR NO KEY UPDATE", [
    tokenId,
    fingerprintOf(text),
  ]);
  return held !== null;
}

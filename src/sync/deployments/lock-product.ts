import type { EntityManager } from "typeorm";
import type { TokenScopedKey } from "../core.js";

/** One product is licensed by one transaction at a time, whichever tokens own it: no need gets licences of two. */
export async function lockProduct(tx: EntityManager, storeApp: TokenScopedKey): Promise<void> {
  await tx.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('license:' || adam_id || ':' || pricing_param, 0))
     FROM store_app WHERE token_id = $1 AND id = $2`,
    [storeApp.tokenId, storeApp.id],
  );
}

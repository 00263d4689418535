import type { EntityManager } from "typeorm";
import type { TokenHealthState } from "../../entities/token.js";
import { row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";

/**
 * Keeps what Apple says of a token's location; what Apple leaves out stays, and nothing is written when nothing differs.
 * @returns when the token expires; null when that is not known.
 */
export async function recordConfig(tx: EntityManager, tokenId: string, config: ClientConfig): Promise<Date | null> {
  await tx.query(
    `UPDATE token SET location_name = fresh.location_name, country = fresh.country, website_url = fresh.website_url,
                      expires_at = fresh.expires_at
     FROM (SELECT COALESCE($2, location_name) AS location_name, COALESCE($3, country) AS country,
                  COALESCE($4, website_url) AS website_url, COALESCE($5, expires_at) AS expires_at
           FROM token WHERE id = $1) fresh
     WHERE id = $1 AND (token.location_name, token.country, token.website_url, token.expires_at)
           IS DISTINCT FROM (fresh.location_name, fresh.country, fresh.website_url, fresh.expires_at)`,
    [tokenId, config.locationName, config.countryISO2ACode, config.websiteURL, config.tokenExpirationDate],
  );
  const token = await row<{ expires_at: Date | null }>(tx, "SELECT expires_at FROM token WHERE id = $1", [tokenId]);
  return token?.expires_at ?? null;
}

/**
 * Keeps a new date of expiry alone, which any answer may tell.
 * @returns the token's health at that moment, locked; null when there is no such token.
 */
export async function recordExpiry(
  tx: EntityManager,
  tokenId: string,
  expiresAt: Date,
): Promise<TokenHealthState | null> {
  const token = await row<{ health_state: TokenHealthState }>(
    tx,
    "UPDATE token SET expires_at = $2 WHERE id = $1 RETURNING health_state",
    [tokenId, expiresAt],
  );
  return token?.health_state ?? null;
}

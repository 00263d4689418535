import type { EntityManager } from "typeorm";
import type { TokenHealthState } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";

/** The token, locked until the transaction ends. @throws AppError NOT_FOUND. */
export async function requireToken(
  tx: EntityManager,
  tokenId: string,
): Promise<{ name: string; health_state: TokenHealthState }> {
  const token = await row<{ name: string; health_state: TokenHealthState }>(
    tx,
    "SELECT name, health_state FROM token WHERE id = $1 FOR NO KEY UPDATE",
    [tokenId],
  );
  if (!token) throw noSuchToken(tokenId);
  return token;
}

export function noSuchToken(tokenId: string): AppError {
  return new AppError("NOT_FOUND", "There is no such token. Use an id that the API returned.", { tokenId });
}

import type { EntityManager } from "typeorm";
import type { TokenAuthority, TokenHealthState } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import { row } from "../../queries/sql.js";

interface LockedToken {
  name: string;
  authority: TokenAuthority;
  health_state: TokenHealthState;
}

/** The token, locked until the transaction ends. @throws AppError NOT_FOUND. */
export async function requireToken(tx: EntityManager, tokenId: string): Promise<LockedToken> {
  const token = await row<LockedToken>(
    tx,
    "SELECT name, authority, health_state FROM token WHERE id = $1 FOR NO KEY UPDATE",
    [tokenId],
  );
  if (!token) throw noSuchToken(tokenId);
  return token;
}

export function noSuchToken(tokenId: string): AppError {
  return new AppError("NOT_FOUND", "There is no such token. Use an id that the API returned.", { tokenId });
}

import { type Token, TokenAuthority } from "../../entities/token.js";
import { AppError } from "../../errors.js";

/** @throws AppError CONFLICT: the licences of a token that an MDM owns are moved by that MDM alone. */
export function requireOwnToken(token: Token): void {
  if (token.authority === TokenAuthority.SERVICE) return;
  throw new AppError("CONFLICT", `An MDM owns the token "${token.name}": its licences are moved there.`, {
    token: token.name,
  });
}

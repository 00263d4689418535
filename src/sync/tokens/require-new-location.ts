import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";
import type { ClientConfig } from "../apple/apple-client.js";

interface TokenOfLocation {
  id: string;
  name: string;
  removing: boolean;
  target: string | null;
}

/** @throws AppError CONFLICT when a token here has the location: one file is then renewed, not added. */
export async function requireNewLocation(db: Reader, config: ClientConfig): Promise<void> {
  const known = await row<TokenOfLocation>(
    db,
    `SELECT token.id, token.name, removing_at IS NOT NULL AS removing, target.name AS target
     FROM token LEFT JOIN target ON target.id = token.target_id WHERE token.location_id = $1`,
    [config.uId],
  );
  if (!known) return;
  throw new AppError("CONFLICT", sentence(known), { token: known.name, tokenId: encodeGlobalId("Token", known.id) });
}

function sentence({ name, removing, target }: TokenOfLocation): string {
  if (target !== null) {
    return (
      `"${target}" works this Apple location with its token "${name}", and a location may have one writer only. ` +
      "Remove the token there first, or remove that target here."
    );
  }
  if (removing) {
    return `The token "${name}" of the same Apple location is being removed. Add this file when that token is gone.`;
  }
  return `The token "${name}" belongs to the same Apple location. Give it this file with renewToken: a location has one token here.`;
}

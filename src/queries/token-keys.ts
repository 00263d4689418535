import type { NodeKey } from "./node-key.js";
import { ownByTeams, type Scoped, scopeOrAll } from "./scopes.js";
import { rows } from "./sql.js";

/** The keys of all tokens that the teams see. */
export async function tokenKeys({ db, teams }: Scoped): Promise<NodeKey[]> {
  const found = await rows<{ id: string }>(
    db,
    `SELECT id FROM token WHERE ${scopeOrAll(ownByTeams, "token", "$1::text[]")} ORDER BY id`,
    [teams],
  );
  return found.map(({ id }) => [id]);
}

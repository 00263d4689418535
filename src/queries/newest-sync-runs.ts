import type { NodeKey } from "./node-key.js";
import { ownByTeams, type Scoped, scopeOrAll } from "./scopes.js";
import { rows } from "./sql.js";

/** The newest synchronisation of this token, or of each token that the teams see: the one under way, or else the last that ended. */
export async function newestSyncRuns({ db, teams }: Scoped, tokenId: string | null): Promise<NodeKey[]> {
  const found = await rows<{ token_id: string; id: string }>(
    db,
    `SELECT run.token_id, run.id FROM token
     CROSS JOIN LATERAL (SELECT token_id, id FROM sync_run WHERE token_id = token.id
                         ORDER BY started_at DESC, id DESC LIMIT 1) AS run
     WHERE ($1::uuid IS NULL OR token.id = $1) AND ${scopeOrAll(ownByTeams, "token", "$2::text[]")}
     ORDER BY token.id`,
    [tokenId, teams],
  );
  return found.map((run) => [run.token_id, run.id]);
}

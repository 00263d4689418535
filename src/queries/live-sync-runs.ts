import { endedLately } from "./ended-lately.js";
import type { NodeKey } from "./node-key.js";
import { ownByTeams, type Scoped, scopeOrAll, withToken } from "./scopes.js";
import { rows } from "./sql.js";

/** More ends than this nobody follows one by one. */
const MOST = 10_000;

/**
 * The newest synchronisation of this token, or of each token that the teams see: the one under way, or else the last that ended;
 * and those that ended within the last hour, of more than 10,000 the last. Token by token, the oldest first.
 */
export async function liveSyncRuns({ db, teams }: Scoped, tokenId: string | null, now: Date): Promise<NodeKey[]> {
  const found = await rows<{ token_id: string; id: string }>(
    db,
    `SELECT token_id, id FROM (
       SELECT run.token_id, run.id, run.started_at FROM token
       CROSS JOIN LATERAL (SELECT token_id, id, started_at FROM sync_run WHERE token_id = token.id
                           ORDER BY started_at DESC, id DESC LIMIT 1) AS run
       WHERE ($1::uuid IS NULL OR token.id = $1) AND ${scopeOrAll(ownByTeams, "token", "$2::text[]")}
       UNION
       (SELECT token_id, id, started_at FROM sync_run
        WHERE ended_at >= $3 AND ($1::uuid IS NULL OR token_id = $1) AND ${scopeOrAll(withToken, "sync_run", "$2::text[]")}
        ORDER BY ended_at DESC LIMIT ${MOST})
     ) AS live
     ORDER BY token_id, started_at, id`,
    [tokenId, teams, endedLately(now)],
  );
  return found.map((run) => [run.token_id, run.id]);
}

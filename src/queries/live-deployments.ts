import { endedLately } from "./ended-lately.js";
import type { NodeKey } from "./node-key.js";
import { type Scoped, scopeOrAll, withToken } from "./scopes.js";
import { rows } from "./sql.js";

/** More deployments than this nobody follows one by one. */
const MOST = 10_000;

/**
 * The deployments that were not deleted, of more than 10,000 the newest, and those that were within the last hour, of as many the
 * last; all that the teams see, the oldest first.
 */
export async function liveDeployments({ db, teams }: Scoped, now: Date): Promise<NodeKey[]> {
  const seen = scopeOrAll(withToken, "deployment", "$1::text[]");
  const found = await rows<{ token_id: string; id: string }>(
    db,
    `SELECT token_id, id FROM (
       (SELECT token_id, id, created_at FROM deployment WHERE deleted_at IS NULL AND ${seen}
        ORDER BY created_at DESC, token_id DESC, id DESC LIMIT ${MOST})
       UNION ALL
       (SELECT token_id, id, created_at FROM deployment WHERE deleted_at >= $2 AND ${seen}
        ORDER BY deleted_at DESC LIMIT ${MOST})
     ) AS live
     ORDER BY created_at, token_id, id`,
    [teams, endedLately(now)],
  );
  return found.map((deployment) => [deployment.token_id, deployment.id]);
}

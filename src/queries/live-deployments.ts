import type { NodeKey } from "./node-key.js";
import { type Scoped, scopeOrAll, withToken } from "./scopes.js";
import { rows } from "./sql.js";

/** More deployments than this nobody follows one by one. */
const MOST = 10_000;

/** The deployments that were not deleted and that the teams see, the oldest first; of more than 10,000 the newest. */
export async function liveDeployments({ db, teams }: Scoped): Promise<NodeKey[]> {
  const found = await rows<{ token_id: string; id: string }>(
    db,
    `SELECT token_id, id FROM (SELECT token_id, id, created_at FROM deployment
                               WHERE deleted_at IS NULL AND ${scopeOrAll(withToken, "deployment", "$1::text[]")}
                               ORDER BY created_at DESC, token_id DESC, id DESC LIMIT ${MOST}) AS newest
     ORDER BY created_at, token_id, id`,
    [teams],
  );
  return found.map((deployment) => [deployment.token_id, deployment.id]);
}

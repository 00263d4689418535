import { endedLately } from "./ended-lately.js";
import type { NodeKey } from "./node-key.js";
import { alertScope, type Scoped, scopeOrAll } from "./scopes.js";
import { rows } from "./sql.js";

/** More alerts than this nobody follows one by one. */
const MOST = 10_000;

/**
 * The alerts that are not over, of more than 10,000 the newest, and those that ended within the last hour, of as many the last; all
 * that the teams see, the oldest first.
 */
export async function liveAlerts({ db, teams }: Scoped, now: Date): Promise<NodeKey[]> {
  const seen = scopeOrAll(alertScope, "alert", "$1::text[]");
  const found = await rows<{ id: string }>(
    db,
    `SELECT id FROM (
       (SELECT id, raised_at FROM alert WHERE cleared_at IS NULL AND ${seen}
        ORDER BY raised_at DESC, id DESC LIMIT ${MOST})
       UNION ALL
       (SELECT id, raised_at FROM alert WHERE cleared_at >= $2 AND ${seen} ORDER BY cleared_at DESC LIMIT ${MOST})
     ) AS live
     ORDER BY raised_at, id`,
    [teams, endedLately(now)],
  );
  return found.map(({ id }) => [id]);
}

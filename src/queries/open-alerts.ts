import type { NodeKey } from "./node-key.js";
import { alertScope, type Scoped, scopeOrAll } from "./scopes.js";
import { rows } from "./sql.js";

/** More alerts than this nobody follows one by one. */
const MOST = 10_000;

/** The alerts that are not over and that the teams see, the oldest first; of more than 10,000 the newest. */
export async function openAlerts({ db, teams }: Scoped): Promise<NodeKey[]> {
  const found = await rows<{ id: string }>(
    db,
    `SELECT id FROM (SELECT id, raised_at FROM alert
                     WHERE cleared_at IS NULL AND ${scopeOrAll(alertScope, "alert", "$1::text[]")} ORDER BY raised_at DESC, id DESC
                     LIMIT ${MOST}) AS newest
     ORDER BY raised_at, id`,
    [teams],
  );
  return found.map(({ id }) => [id]);
}

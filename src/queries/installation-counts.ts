import type { DataSource } from "typeorm";
import type { InstallationState } from "../entities/installation.js";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

export interface InstallationCount {
  readonly state: InstallationState;
  readonly count: number;
  /** Of these. */
  readonly left: number;
}

/** How many installations of each deployment are in which state; states without any are left out. */
export async function countInstallations(
  db: DataSource,
  deployments: readonly NodeKey[],
): Promise<InstallationCount[][]> {
  const counts = await rows<InstallationCount & { ordinal: number }>(
    db,
    `SELECT (parent.ordinal - 1)::int AS ordinal, item.state, count(*)::int AS count,
            (count(*) FILTER (WHERE item.left_at IS NOT NULL))::int AS left
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS parent(token_id, deployment_id, ordinal)
     JOIN installation AS item ON item.token_id = parent.token_id AND item.deployment_id = parent.deployment_id
     GROUP BY parent.ordinal, item.state
     ORDER BY parent.ordinal, item.state`,
    [deployments.map(([tokenId]) => tokenId), deployments.map(([, id]) => id)],
  );
  return deployments.map((_, ordinal) => counts.filter((count) => count.ordinal === ordinal));
}

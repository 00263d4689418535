import type { DataSource } from "typeorm";
import type { NodeKey } from "./node-key.js";
import { rows } from "./sql.js";

/**
 * SQL for whether an installation (an alias) wants its app on its device, or may come to want it without anybody's doing: an
 * install of one deployment beats an uninstall of another. Not one that has failed for good: it has no licence, and waits for
 * nothing but a person. A product that claims licences itself goes on with what it was told.
 */
export function keepsSql(other: string): string {
  return `(${other}.want = 'PRESENT' AND ${other}.left_at IS NULL
    AND ${other}.state NOT IN ('NO_DEVICE', 'NOT_APPLICABLE', 'CANCELLED', 'REMOVED', 'SUPERSEDED')
    AND NOT (${other}.state = 'FAILED' AND ${other}.deadline_at IS NULL
             AND ${other}.license_id IS NULL AND ${other}.former_license_id IS NULL
             AND ${other}.token_id NOT IN (SELECT id FROM token WHERE authority = 'TARGET')))`;
}

/** The deployment whose install wins over each of these uninstalls, by its key; null where none does. */
export async function deploymentsThatKeep(db: DataSource, uninstalls: readonly NodeKey[]): Promise<(NodeKey | null)[]> {
  const found = await rows<{ ordinal: number; token_id: string; deployment_id: string }>(
    db,
    `SELECT DISTINCT ON (asked.ordinal) (asked.ordinal - 1)::int AS ordinal, other.token_id, other.deployment_id
     FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS asked(token_id, id, ordinal)
     JOIN installation i ON i.token_id = asked.token_id AND i.id = asked.id AND i.reason = 'KEPT_BY_INSTALL'
     JOIN installation other ON other.device_id = i.device_id AND other.token_id = i.token_id
      AND other.store_app_id = i.store_app_id AND other.deployment_id <> i.deployment_id AND ${keepsSql("other")}
     ORDER BY asked.ordinal, other.id`,
    [uninstalls.map(([tokenId]) => tokenId), uninstalls.map(([, id]) => id)],
  );
  const byOrdinal = new Map(found.map(({ ordinal, token_id, deployment_id }) => [ordinal, [token_id, deployment_id]]));
  return uninstalls.map((_, ordinal) => byOrdinal.get(ordinal) ?? null);
}

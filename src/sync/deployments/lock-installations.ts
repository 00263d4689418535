import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";

/**
 * Locks installations in the order of their keys, as every statement does that changes many: two that meet wait for each
 * other in a line, not in a circle.
 * @returns the licence each one uses, by installation id, as it is from now on.
 */
export async function lockInstallations(
  tx: EntityManager,
  keys: readonly TokenScopedKey[],
): Promise<Map<string, string | null>> {
  if (keys.length === 0) return new Map();
  const locked = await rows<{ id: string; licenseId: string | null }>(
    tx,
    `SELECT i.id, i.license_id AS "licenseId" FROM installation i
     WHERE (i.token_id, i.id) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))
     ORDER BY i.token_id, i.id FOR UPDATE`,
    [keys.map(({ tokenId }) => tokenId), keys.map(({ id }) => id)],
  );
  return new Map(locked.map(({ id, licenseId }) => [id, licenseId]));
}

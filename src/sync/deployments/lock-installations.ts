import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";

/** Of an installation, as it is from now on. */
export interface LockedInstallation {
  /** The licence that it uses. */
  readonly licenseId: string | null;
  /** Its member, or its deployment, is gone. */
  readonly left: boolean;
  /** What was last seen on its device. */
  readonly observedState: string | null;
}

/**
 * Locks installations in the order of their keys, as every statement does that changes many: two that meet wait for each
 * other in a line, not in a circle.
 * @returns what may have changed of each one since it was read, by its id.
 */
export async function lockInstallations(
  tx: EntityManager,
  keys: readonly TokenScopedKey[],
): Promise<Map<string, LockedInstallation>> {
  if (keys.length === 0) return new Map();
  const locked = await rows<LockedInstallation & { id: string }>(
    tx,
    `SELECT i.id, i.license_id AS "licenseId", i.left_at IS NOT NULL AS left, i.observed_state AS "observedState" FROM installation i
     WHERE (i.token_id, i.id) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))
     ORDER BY i.token_id, i.id FOR UPDATE`,
    [keys.map(({ tokenId }) => tokenId), keys.map(({ id }) => id)],
  );
  return new Map(locked.map(({ id, ...rest }) => [id, rest]));
}

/**
 * Locks all installations of a deployment, in the same order: before several statements that change some of them each, and
 * before jobs are added, which others add when they have locked theirs.
 */
export async function lockInstallationsOf(tx: EntityManager, { tokenId, id }: TokenScopedKey): Promise<void> {
  await tx.query(
    `SELECT count(*) FROM (
       SELECT FROM installation WHERE token_id = $1 AND deployment_id = $2 ORDER BY token_id, id FOR UPDATE
     ) locked`,
    [tokenId, id],
  );
}

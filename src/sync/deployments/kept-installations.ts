import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { TokenScopedKey } from "../core.js";
import { KEPT_SQL } from "./kept-sql.js";

/**
 * The ids of those of these installations, of one token, whose app another deployment keeps on the device. So it stays until
 * the transaction ends if the wishes for their apps are locked (`lockWishes`).
 */
export async function keptInstallations(
  tx: EntityManager,
  installations: readonly TokenScopedKey[],
): Promise<ReadonlySet<string>> {
  if (installations.length === 0) return new Set();
  const kept = await rows<{ id: string }>(
    tx,
    `SELECT i.id FROM unnest($1::uuid[], $2::bigint[]) AS asked(token_id, id)
     JOIN installation i ON i.token_id = asked.token_id AND i.id = asked.id
     WHERE ${KEPT_SQL}`,
    [installations.map(({ tokenId }) => tokenId), installations.map(({ id }) => id)],
  );
  return new Set(kept.map(({ id }) => id));
}

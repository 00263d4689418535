import type { EntityManager } from "typeorm";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import type { GoneHolders, ListedHolders } from "./mark-gone-holders.js";

/** The target's names of users that its complete listing no longer has. */
export async function findGoneUsers(tx: EntityManager, targetId: string, listed: ListedHolders): Promise<GoneHolders> {
  const known =
    "FROM holder_alias alias WHERE alias.target_id = $1 AND alias.user_id IS NOT NULL AND alias.gone_at IS NULL";
  const gone = await rows<{ id: string }>(
    tx,
    `SELECT alias.id ${known} AND alias.id <= $2
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS listed(external_id)
                       WHERE listed.external_id = alias.external_id)`,
    [targetId, listed.newestAliasId, [...listed.externalIds]],
  );
  const before = await row<{ count: number }>(tx, `SELECT count(*)::int AS count ${known}`, [targetId]);
  return { aliasIds: gone.map(({ id }) => id), lost: gone.length, before: before?.count ?? 0 };
}

/** Puts down that a target no longer knows these names; who is left without any other has left. */
export async function markGoneUsers(tx: EntityManager, core: Core, aliasIds: readonly string[]): Promise<void> {
  const now = core.clock.now();
  const gone = await rows<{ user_id: string }>(
    tx,
    "UPDATE holder_alias SET gone_at = $2 WHERE id = ANY($1) AND gone_at IS NULL RETURNING user_id",
    [aliasIds, now],
  );
  await tx.query(
    `UPDATE "user" SET left_at = $2
     WHERE id = ANY($1) AND left_at IS NULL
       AND NOT EXISTS (SELECT FROM holder_alias WHERE user_id = "user".id AND gone_at IS NULL)`,
    [gone.map(({ user_id }) => user_id), now],
  );
}

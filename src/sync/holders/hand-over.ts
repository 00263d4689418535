import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../entities/apple-user.js";
import { rows } from "../../queries/sql.js";

const PAIRS = "unnest($1::uuid[], $2::uuid[]) AS moved(source, heir)";

/**
 * Gives what a person had under one name to who they turned out to be: their devices, and with each token the registration
 * that is not over, unless they have one there under the other name, too. So nobody is invited twice, and no licence moves.
 * @returns the devices.
 */
export async function handOver(
  tx: EntityManager,
  moves: readonly { readonly from: string; readonly to: string }[],
): Promise<string[]> {
  if (moves.length === 0) return [];
  const parameters = [moves.map((move) => move.from), moves.map((move) => move.to)];
  const devices = await rows<{ id: string }>(
    tx,
    `UPDATE device SET user_id = moved.heir FROM ${PAIRS} WHERE device.user_id = moved.source RETURNING device.id`,
    parameters,
  );
  const tokens = await rows<{ token_id: string; source: string; heir: string }>(
    tx,
    `UPDATE apple_user SET user_id = given.heir
     FROM (SELECT DISTINCT ON (au.token_id, moved.heir) au.token_id, au.id, moved.source, moved.heir
           FROM ${PAIRS} JOIN apple_user au ON au.user_id = moved.source
           WHERE au.${LIVE_APPLE_USER_SQL}
             AND NOT EXISTS (SELECT FROM apple_user theirs
                             WHERE theirs.token_id = au.token_id AND theirs.user_id = moved.heir AND theirs.${LIVE_APPLE_USER_SQL})
           ORDER BY au.token_id, moved.heir, au.id) given
     WHERE apple_user.token_id = given.token_id AND apple_user.id = given.id
     RETURNING given.token_id, given.source, given.heir`,
    parameters,
  );
  await handOverInstallations(tx, tokens);
  return devices.map(({ id }) => id);
}

/** An installation goes with the registration whose licence it uses: its person has not changed. */
async function handOverInstallations(
  tx: EntityManager,
  tokens: readonly { readonly token_id: string; readonly source: string; readonly heir: string }[],
): Promise<void> {
  await tx.query(
    `WITH theirs AS (
       SELECT i.token_id, i.id, moved.heir
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS moved(token_id, source, heir)
       JOIN installation i ON i.token_id = moved.token_id AND i.user_id = moved.source AND i.device_id IS NOT NULL
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i SET user_id = theirs.heir FROM theirs WHERE i.token_id = theirs.token_id AND i.id = theirs.id`,
    [tokens.map((moved) => moved.token_id), tokens.map((moved) => moved.source), tokens.map((moved) => moved.heir)],
  );
}

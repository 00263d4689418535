import type { EntityManager } from "typeorm";
import { LIVE_APPLE_USER_SQL } from "../../../entities/apple-user.js";
import { HolderKind } from "../../../entities/license.js";
import { type Reader, row } from "../../../queries/sql.js";

/** How many holders at Apple become somebody's here. */
export interface Adoption {
  readonly registrations: number;
  readonly licenses: number;
}

/**
 * Registrations (`$1` is the token) that are nobody's here, with the one user they must be: whose Managed Apple Account or
 * e-mail address is the registration's. Not when several users could be meant, or several registrations one user, or the
 * user has a registration already.
 */
const ADOPTED_REGISTRATIONS = `
  WITH nobodys AS (
    SELECT id, name FROM apple_user, unnest(ARRAY[lower(btrim(managed_apple_id)), lower(btrim(email))]) AS name
    WHERE token_id = $1 AND user_id IS NULL AND ${LIVE_APPLE_USER_SQL} AND name <> ''
  ), people AS (
    SELECT id AS user_id, name FROM "user", unnest(ARRAY[lower(btrim(managed_apple_id)), lower(btrim(email))]) AS name
    WHERE name <> ''
  ), meant AS (
    SELECT nobodys.id, people.user_id, count(*) OVER (PARTITION BY nobodys.id) AS users,
           count(*) OVER (PARTITION BY people.user_id) AS registrations
    FROM (SELECT DISTINCT id, name FROM nobodys) nobodys JOIN people USING (name)
    GROUP BY nobodys.id, people.user_id
  )
  SELECT id, user_id FROM meant
  WHERE users = 1 AND registrations = 1
    AND NOT EXISTS (SELECT 1 FROM apple_user theirs
                    WHERE theirs.token_id = $1 AND theirs.user_id = meant.user_id AND theirs.${LIVE_APPLE_USER_SQL})`;

/** Open licences (`$1` is the token) of devices that are known by now. */
const ADOPTED_LICENSES = `
  SELECT license.id, device.id AS device_id
  FROM license JOIN device ON device.serial = upper(btrim(license.holder_key))
  WHERE license.token_id = $1 AND license.ended_at IS NULL AND license.operation_id IS NULL
    AND license.holder_kind = '${HolderKind.DEVICE}' AND license.device_id IS NULL`;

/** What `adoptHolders` would do now. */
export async function countAdoption(db: Reader, tokenId: string): Promise<Adoption> {
  const counted = await row<Adoption>(
    db,
    `SELECT (SELECT count(*)::int FROM (${ADOPTED_REGISTRATIONS}) adopted) AS registrations,
            (SELECT count(*)::int FROM (${ADOPTED_LICENSES}) adopted) AS licenses`,
    [tokenId],
  );
  return counted ?? { registrations: 0, licenses: 0 };
}

/** Links what others have given at Apple to the people and devices it is given to. */
export async function adoptHolders(tx: EntityManager, tokenId: string): Promise<void> {
  await tx.query(
    `UPDATE apple_user SET user_id = adopted.user_id FROM (${ADOPTED_REGISTRATIONS}) adopted
     WHERE apple_user.token_id = $1 AND apple_user.id = adopted.id`,
    [tokenId],
  );
  await tx.query(
    `UPDATE license SET device_id = adopted.device_id FROM (${ADOPTED_LICENSES}) adopted
     WHERE license.token_id = $1 AND license.id = adopted.id`,
    [tokenId],
  );
}

import type { EntityManager } from "typeorm";
import { InstallationState as S } from "../../entities/installation.js";
import { type Reader, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { DEVICES_PER_USER_LICENSE } from "./decide-licensing.js";
import { moveInstallations } from "./move-installations.js";
import { HELD_ELSEWHERE_SQL, OPEN_LICENSE_SQL, REGISTRATION_SQL, SERVED_ELSEWHERE_SQL } from "./need-sql.js";
import { MAY_LICENSE_SQL } from "./tokens-to-license.js";

const DAY = 24 * 60 * 60_000;

/** SQL for those among these installations that another token's licence hindered, and does not any more. */
function servedNoMoreSql(installations: string): string {
  return `
  SELECT i.token_id, i.id, i.generation
  FROM (SELECT i.* FROM ${installations} i WHERE i.reason = 'SERVED_BY_OTHER_TOKEN' AND NOT ${SERVED_ELSEWHERE_SQL} OFFSET 0) i
  JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
  JOIN device ON device.id = i.device_id
  LEFT JOIN ${REGISTRATION_SQL} registration ON true
  LEFT JOIN ${OPEN_LICENSE_SQL} open ON true
  WHERE open.id IS NOT NULL OR NOT ${HELD_ELSEWHERE_SQL}`;
}

/** SQL for whether nothing has been wanted of the installation `i` but an install that could not be licensed. */
const IS_HINDERED_SQL = "i.state = 'NOT_APPLICABLE' AND i.want = 'PRESENT' AND i.left_at IS NULL";

/**
 * SQL for those whose hindrance has passed: the other token's licence has ended, the person is back, or one of the five
 * devices of a user's licence is free, which as many may take as there are. A device counts while it is there and uses the
 * licence, or wants it.
 */
const FREE_SQL = `
  WITH hindered AS MATERIALIZED (
    SELECT i.* FROM installation i
    WHERE i.token_id = $1 AND i.reason IN ('DEVICE_LIMIT', 'SERVED_BY_OTHER_TOKEN', 'USER_LEFT')
      AND ${IS_HINDERED_SQL}
  )
  ${servedNoMoreSql("hindered")}
  UNION ALL
  SELECT i.token_id, i.id, i.generation FROM hindered i JOIN "user" person ON person.id = i.user_id
  WHERE i.reason = 'USER_LEFT' AND person.left_at IS NULL
  UNION ALL
  SELECT turn.token_id, turn.id, turn.generation
  FROM (SELECT DISTINCT store_app_id, user_id FROM hindered WHERE reason = 'DEVICE_LIMIT') holder
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT device_id) AS devices FROM (
      SELECT device_id FROM (SELECT * FROM installation WHERE user_id = holder.user_id OFFSET 0) theirs
      WHERE token_id = $1 AND store_app_id = holder.store_app_id
        AND (license_id IS NOT NULL OR state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER'))
      UNION ALL
      SELECT parting.device_id FROM apple_user au
      JOIN license ON license.token_id = au.token_id AND license.apple_user_id = au.id
                  AND license.store_app_id = holder.store_app_id AND license.ended_at IS NULL
      JOIN installation parting ON parting.token_id = license.token_id AND parting.former_license_id = license.id
      WHERE au.token_id = $1 AND au.user_id = holder.user_id
    ) counting JOIN device ON device.id = counting.device_id AND device.state = 'ENROLLED'
  ) taken
  JOIN LATERAL (
    SELECT i.token_id, i.id, i.generation FROM hindered i
    WHERE i.reason = 'DEVICE_LIMIT' AND i.store_app_id = holder.store_app_id AND i.user_id = holder.user_id
    ORDER BY i.queued_at, i.id LIMIT GREATEST(${DEVICES_PER_USER_LICENSE} - taken.devices, 0)
  ) turn ON taken.devices < ${DEVICES_PER_USER_LICENSE}`;

/** SQL for whether the device of the installation `i`, or its person, has lost another token's licence between $2 and $1. */
const FREED_SQL = `(EXISTS (
    SELECT FROM (SELECT token_id, ended_at FROM license WHERE device_id = i.device_id OFFSET 0) ended
    WHERE ended.token_id <> i.token_id AND ended.ended_at > $2 AND ended.ended_at <= $1
  ) OR EXISTS (
    SELECT FROM (SELECT token_id, id FROM apple_user WHERE user_id = i.user_id AND token_id <> i.token_id OFFSET 0) other
    CROSS JOIN LATERAL (SELECT ended_at FROM license WHERE token_id = other.token_id AND apple_user_id = other.id OFFSET 0) ended
    WHERE ended.ended_at > $2 AND ended.ended_at <= $1
  ))`;

/**
 * SQL for the tokens with installations that waited for nothing but the end of another token's licence, which has come. Where an
 * installation used it, they were woken (`wake-other-tokens`).
 */
const WOKEN_SQL = `
  WITH freed AS MATERIALIZED (
    SELECT i.* FROM installation i JOIN token ON token.id = i.token_id
    WHERE i.reason = 'SERVED_BY_OTHER_TOKEN' AND ${IS_HINDERED_SQL} AND ${MAY_LICENSE_SQL} AND ${FREED_SQL}
  )
  SELECT DISTINCT token_id AS id FROM (${servedNoMoreSql("freed")}) free`;

/** The tokens that licensing is due for since the licences of others ended, a day ago at most and before that time. */
export async function tokensOfHindered(db: Reader, core: Core, before: Date): Promise<string[]> {
  const since = new Date(before.getTime() - core.clock.scaled(DAY));
  const tokens = await rows<{ id: string }>(db, WOKEN_SQL, [before, since]);
  return tokens.map(({ id }) => id);
}

/** Requests again what could not be licensed, where nothing is in the way any more. They come last in the queue. */
export async function tryHinderedAgain(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  const free = await rows<{ id: string; generation: number }>(tx, FREE_SQL, [tokenId]);
  await moveInstallations(
    tx,
    core,
    free.map(({ id, generation }) => ({ tokenId, id, generation, from: S.NOT_APPLICABLE, to: S.REQUESTED })),
  );
}

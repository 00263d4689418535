import type { EntityManager } from "typeorm";
import { InstallationState as S } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { DEVICES_PER_USER_LICENSE } from "./decide-licensing.js";
import { moveInstallations } from "./move-installations.js";
import { SERVED_ELSEWHERE_SQL } from "./need-sql.js";

/**
 * SQL for those whose hindrance has passed: the other token's licence has ended, the person is back, or one of the five
 * devices of a user's licence is free, which as many may take as there are. A device counts while it is there and uses the
 * licence, or wants it.
 */
const FREE_SQL = `
  WITH hindered AS MATERIALIZED (
    SELECT i.* FROM installation i
    WHERE i.token_id = $1 AND i.reason IN ('DEVICE_LIMIT', 'SERVED_BY_OTHER_TOKEN', 'USER_LEFT')
      AND i.state = 'NOT_APPLICABLE' AND i.want = 'PRESENT' AND i.left_at IS NULL
  )
  SELECT i.id, i.generation FROM hindered i WHERE i.reason = 'SERVED_BY_OTHER_TOKEN' AND NOT ${SERVED_ELSEWHERE_SQL}
  UNION ALL
  SELECT i.id, i.generation FROM hindered i JOIN "user" person ON person.id = i.user_id
  WHERE i.reason = 'USER_LEFT' AND person.left_at IS NULL
  UNION ALL
  SELECT turn.id, turn.generation
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
    SELECT i.id, i.generation FROM hindered i
    WHERE i.reason = 'DEVICE_LIMIT' AND i.store_app_id = holder.store_app_id AND i.user_id = holder.user_id
    ORDER BY i.queued_at, i.id LIMIT GREATEST(${DEVICES_PER_USER_LICENSE} - taken.devices, 0)
  ) turn ON taken.devices < ${DEVICES_PER_USER_LICENSE}`;

/** Requests again what could not be licensed, where nothing is in the way any more. They come last in the queue. */
export async function tryHinderedAgain(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  const free = await rows<{ id: string; generation: number }>(tx, FREE_SQL, [tokenId]);
  await moveInstallations(
    tx,
    core,
    free.map(({ id, generation }) => ({ tokenId, id, generation, from: S.NOT_APPLICABLE, to: S.REQUESTED })),
  );
}

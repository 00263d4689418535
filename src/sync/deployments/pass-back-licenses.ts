import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { GONE_SQL } from "./ending-sql.js";
import { KEPT_SQL } from "./kept-sql.js";
import type { PassedOn } from "./pass-on-licenses.js";
import { BEING_REMOVED_SQL } from "./resume-removals.js";
import { DEADLINES_MS } from "./transitions.js";

/**
 * SQL for whether the app of the superseded installation `i` is to go once nobody keeps it, by its deployment `d`. One that has
 * left goes only where its target was told of it: where it was not, nothing of it is there.
 */
const TO_GO_SQL = `CASE
  WHEN i.left_at IS NULL THEN d.action = 'UNINSTALL' AND d.deleted_at IS NULL
  ELSE d.on_leave <> 'RECLAIM' AND i.attempt > 1 END`;

/**
 * Leaves the licence of an installation that has given up to one of the same app on its device that was superseded by it, whose
 * app may be there, or come yet: the removal that was put off goes on, and the licence returns when that is confirmed. The
 * mirror of `pass-on-licenses`; comes before `release-licenses` as well, and after `lock-wishes`.
 * @returns the targets that are to be told, once the jobs of the token are added.
 */
export async function passBackLicenses(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  { ids, licenseIds }: PassedOn,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const targets = await rows<{ targetId: string }>(
    tx,
    `WITH back AS (
       SELECT i.token_id, i.id, given.license_id
       FROM unnest($2::bigint[], $3::bigint[]) AS given(id, license_id)
       JOIN installation up ON up.token_id = $1 AND up.id = given.id
       JOIN installation i ON i.token_id = up.token_id AND i.store_app_id = up.store_app_id AND i.device_id = up.device_id
       JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
       JOIN application ON application.token_id = d.token_id AND application.id = d.application_id
       JOIN device ON device.id = i.device_id
       WHERE i.state = 'SUPERSEDED' AND i.want = 'ABSENT' AND i.reason = 'KEPT_BY_INSTALL'
         AND ${TO_GO_SQL} AND application.ready_at IS NOT NULL AND NOT ${GONE_SQL} AND NOT ${KEPT_SQL}
         AND NOT ${BEING_REMOVED_SQL}
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i
     SET state = 'REMOVING', reason = NULL, license_id = back.license_id, generation = i.generation + 1,
         attempt = i.attempt + 1, state_at = $4, next_look_at = $4, deadline_at = $5
     FROM back WHERE i.token_id = back.token_id AND i.id = back.id
     RETURNING i.target_id AS "targetId"`,
    [tokenId, ids, licenseIds, core.clock.now(), core.clock.in(DEADLINES_MS.REMOVING ?? 0)],
  );
  return [...new Set(targets.map(({ targetId }) => targetId))];
}

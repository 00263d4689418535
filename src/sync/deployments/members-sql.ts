import { keepsSql } from "../../queries/kept-by.js";

/**
 * The members of a deployment's collection as devices, each with whether it can get the app, and if not, why. A user
 * stands for each device of hers that the target knows; one without any is a member that reached none. Where the app is to
 * go, a device that another deployment wants it on is left alone: an install beats an uninstall.
 *
 * Parameters: $1 token, $2 deployment (null: one that is only planned), $3 store app, $4 collection, $5 target.
 * @param wish gives one row: licensing, authority (the token's), platforms (the app's) and want
 */
export function membersSql(wish: string): string {
  return `
WITH wish AS (
  ${wish}
), reached AS (
  SELECT member.device_id, NULL::uuid AS member_user_id FROM collection_member member
  WHERE member.collection_id = $4 AND member.device_id IS NOT NULL
  UNION ALL
  SELECT owned.id, member.user_id
  FROM collection_member member
  LEFT JOIN LATERAL (
    SELECT device.id FROM device
    WHERE device.user_id = member.user_id AND device.state = 'ENROLLED'
      AND EXISTS (SELECT 1 FROM holder_alias alias WHERE alias.device_id = device.id AND alias.target_id = $5
                                                   AND alias.gone_at IS NULL)
  ) owned ON true
  WHERE member.collection_id = $4 AND member.user_id IS NOT NULL
), judged AS (
  SELECT reached.device_id, COALESCE(reached.member_user_id, device.user_id) AS user_id, wish.want,
         CASE
           WHEN reached.device_id IS NULL THEN NULL
           WHEN device.state <> 'ENROLLED' THEN 'DEVICE_GONE'
           WHEN NOT EXISTS (SELECT 1 FROM holder_alias alias
                            WHERE alias.device_id = device.id AND alias.target_id = $5 AND alias.gone_at IS NULL)
             THEN 'UNKNOWN_AT_TARGET'
           WHEN cardinality(wish.platforms) > 0 AND device.platform IS NOT NULL
                AND device.platform <> ALL(wish.platforms) THEN 'PLATFORM_UNSUPPORTED'
           WHEN wish.licensing = 'USER' AND device.user_id IS NULL THEN 'NO_USER'
           WHEN wish.licensing = 'DEVICE' AND wish.authority = 'SERVICE' AND device.serial IS NULL THEN 'NO_SERIAL'
         END AS reason
  FROM reached CROSS JOIN wish LEFT JOIN device ON device.id = reached.device_id
), placed AS (
  SELECT device_id, user_id, want, reason,
         CASE WHEN device_id IS NULL THEN 'NO_DEVICE'
              WHEN reason IS NOT NULL AND (want = 'PRESENT' OR reason <> 'NO_USER') THEN 'NOT_APPLICABLE'
              WHEN want = 'PRESENT' THEN 'REQUESTED'
              WHEN EXISTS (SELECT 1 FROM installation other
                           WHERE other.device_id = judged.device_id AND other.token_id = $1 AND other.store_app_id = $3
                             AND other.deployment_id IS DISTINCT FROM $2 AND ${keepsSql("other")}) THEN 'SUPERSEDED'
              ELSE 'REMOVING' END AS state
  FROM judged
), member AS (
  SELECT device_id, user_id, want, state, CASE state WHEN 'SUPERSEDED' THEN 'KEPT_BY_INSTALL' ELSE reason END AS reason
  FROM placed
)`;
}

/** The members of a deployment that there is. */
export const MEMBERS_SQL = membersSql(`
  SELECT deployment.licensing, token.authority, app.platforms,
         CASE deployment.action WHEN 'INSTALL' THEN 'PRESENT' ELSE 'ABSENT' END AS want
  FROM deployment
  JOIN token ON token.id = deployment.token_id
  JOIN store_app app ON app.token_id = deployment.token_id AND app.id = deployment.store_app_id
  WHERE deployment.token_id = $1 AND deployment.id = $2 AND app.id = $3`);

/** The reasons for which the app of a member's device is gone with the device. */
export const GONE_REASONS_SQL = "('DEVICE_GONE', 'UNKNOWN_AT_TARGET')";

/** SQL for a `member` whose device is to have the app by its user's licence, and has no user. */
export const USERLESS_SQL = "(COALESCE(member.reason, '') = 'NO_USER' AND member.want = 'PRESENT')";

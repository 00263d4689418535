import { USES_FORMER_SQL } from "./former-license-sql.js";
import { KEPT_SQL } from "./kept-sql.js";

/**
 * SQL for whether the app of the installation `i` is gone with its `device`: that was wiped, retired or deleted, also if it
 * has been enrolled again since and nobody has heeded that yet, or the target no longer knows it. A silent one is not gone.
 */
export const GONE_SQL = `COALESCE(device.state <> 'ENROLLED' OR device.lost_at IS NOT NULL OR NOT EXISTS (
  SELECT FROM holder_alias alias
  WHERE alias.device_id = device.id AND alias.target_id = i.target_id AND alias.gone_at IS NULL), false)`;

/**
 * Where an installation that is no longer wanted goes, row by row of the CASE:
 * - what is over stays over, but for an app that was left on the device without a licence and is to be removed now; a claim
 *   under way finishes, and a return goes on
 * - a removal that was put off for another deployment's install stays put off while that is so
 * - what has not begun at the target is cancelled
 * - KEEP leaves alone what the target was told of; of a device that is gone only the licence is kept, for its return
 * - with the device the app is gone, which is as good as a confirmed removal
 * - a removal under way goes on, but for one that the target could not be told of when its deployment is deleted
 * - an install of another deployment keeps the app
 * - what the target could not be told of is not on the device: its licence returns
 * - RECLAIM returns the licence at once; all else is removed first
 */
const NEXT_SQL = `CASE
  WHEN before IN ('REMOVED', 'CANCELLED') AND reason IN ('RECLAIMED', 'LICENSE_LOST') AND on_leave = 'UNINSTALL' AND NOT gone AND NOT kept
    THEN 'REMOVING'
  WHEN before IN ('REMOVED', 'CANCELLED', 'RETURNING', 'CLAIMING') THEN before
  WHEN before = 'SUPERSEDED' AND reason = 'KEPT_BY_INSTALL' AND attempt > 1 AND told
       AND on_leave = 'UNINSTALL' AND kept AND NOT gone THEN before
  WHEN before IN ('NO_DEVICE', 'NOT_APPLICABLE', 'SUPERSEDED') OR before = 'FAILED' AND attempt = 1 THEN 'CANCELLED'
  WHEN before IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')
       AND (attempt = 1 OR NOT told OR gone OR on_leave <> 'UNINSTALL') THEN 'CANCELLED'
  WHEN on_leave = 'KEEP' AND before IN ('INSTALLING', 'INSTALLED', 'FAILED')
    THEN CASE WHEN NOT gone THEN before WHEN licensed THEN 'FAILED' ELSE 'CANCELLED' END
  WHEN gone THEN CASE WHEN licensed THEN 'RETURNING' ELSE 'REMOVED' END
  WHEN before IN ('REMOVING', 'REMOVAL_FAILED') AND on_leave <> 'RECLAIM'
    THEN CASE WHEN deleted AND NOT told THEN 'CANCELLED' ELSE before END
  WHEN kept THEN 'SUPERSEDED'
  WHEN before NOT IN ('REMOVING', 'REMOVAL_FAILED') AND NOT told
    THEN CASE WHEN license_id IS NOT NULL THEN 'RETURNING' ELSE 'CANCELLED' END
  WHEN on_leave = 'RECLAIM' THEN CASE WHEN licensed THEN 'RETURNING' ELSE 'CANCELLED' END
  ELSE 'REMOVING' END`;

/**
 * An installation that has lost the licence of its device's former user, and has no other one yet, ends from where it was
 * with that: the app was there, unless the target has said otherwise.
 */
const FALLS_BACK_SQL = `(${USES_FORMER_SQL} AND i.license_id IS NULL)`;
const BEFORE_SQL = `CASE
  WHEN NOT ${FALLS_BACK_SQL} OR i.state IN ('REMOVING', 'REMOVAL_FAILED') OR i.state = 'FAILED' AND i.attempt > 1 THEN i.state
  WHEN COALESCE(i.observed_state, 'installed') = 'installed' THEN 'INSTALLED'
  ELSE 'FAILED' END`;

/** Whether the target can have been told of the app: before its own object stands ready, it is told of no Step. */
const TOLD_SQL = `(application.ready_at IS NOT NULL OR ${FALLS_BACK_SQL})`;

/** What becomes of its licence is for the installation that keeps the app (`pass-on-licenses`). */
const PASSES_ON_SQL = "next = 'SUPERSEDED' AND moved AND told AND license_id IS NOT NULL";

/** What a removal that never began would have taken along stays where it was. */
const LETS_GO_SQL = "license_id IS NOT NULL AND NOT (next = 'CANCELLED' AND before IN ('REMOVING', 'REMOVAL_FAILED'))";

/**
 * SQL that ends installations. An older generation's answers count no more, but for what goes on as it was; a removal is a
 * new step. A claim under way whose app is not to be removed forgets that the target was told before (attempt). The target's
 * app object does not become ready meanwhile: it is locked.
 *
 * Parameters: those of `which` and `onLeave` (see `Ending`), then: now, the deadline of a removal, whether they have left.
 * @param own how many parameters those are.
 */
export function endingSql(which: string, onLeave: string, own: number): string {
  const [now, deadline, leaves] = [1, 2, 3].map((ordinal) => `$${own + ordinal}`);
  return `
    WITH ending AS (
      SELECT i.token_id, i.id, i.target_id, i.state AS was, ${BEFORE_SQL} AS before, ${FALLS_BACK_SQL} AS falls_back,
             CASE WHEN ${FALLS_BACK_SQL} THEN i.former_license_id ELSE i.license_id END AS license_id,
             i.want, i.reason, i.attempt, i.left_at,
             ${onLeave} AS on_leave, ${GONE_SQL} AS gone, ${KEPT_SQL} AS kept, ${TOLD_SQL} AS told,
             d.deleted_at IS NOT NULL AS deleted, token.authority = 'TARGET' AS mirrored,
             token.authority = 'TARGET' OR i.license_id IS NOT NULL OR ${FALLS_BACK_SQL} AS licensed
      FROM installation i
      JOIN deployment d ON d.token_id = i.token_id AND d.id = i.deployment_id
      JOIN application ON application.token_id = d.token_id AND application.id = d.application_id
      JOIN token ON token.id = i.token_id
      LEFT JOIN device ON device.id = i.device_id
      WHERE ${which}
      ORDER BY i.token_id, i.id FOR UPDATE OF i FOR SHARE OF application
    ), decided AS (
      SELECT *, ${NEXT_SQL} AS next FROM ending
    ), judged AS (
      SELECT *, next <> was OR next = 'FAILED' AND gone AND reason IS DISTINCT FROM 'DEVICE_GONE' AS moved,
             next = 'REMOVING' AND before <> 'REMOVING' AS begins,
             CASE WHEN on_leave = 'KEEP' AND next IN ('INSTALLING', 'INSTALLED', 'FAILED') THEN want ELSE 'ABSENT' END AS wants
      FROM decided
    ), ended AS (
      UPDATE installation i
      SET state = next, want = wants,
          left_at = CASE WHEN ${leaves} THEN COALESCE(i.left_at, ${now}) ELSE i.left_at END,
          generation = i.generation + CASE WHEN moved OR wants <> i.want THEN 1 ELSE 0 END,
          attempt = CASE WHEN begins THEN i.attempt + 1
                         WHEN next = 'CLAIMING' AND (gone OR NOT told OR on_leave <> 'UNINSTALL') THEN 1 ELSE i.attempt END,
          state_at = CASE WHEN next <> was THEN ${now} ELSE i.state_at END,
          reason = CASE WHEN NOT moved AND wants = i.want THEN i.reason
                        WHEN gone THEN 'DEVICE_GONE'
                        WHEN next = 'SUPERSEDED' THEN 'KEPT_BY_INSTALL'
                        WHEN next = 'RETURNING' AND moved AND told THEN 'RECLAIMED' END,
          detail = CASE WHEN moved OR wants <> i.want THEN NULL ELSE i.detail END,
          remedy = CASE WHEN moved OR wants <> i.want THEN NULL ELSE i.remedy END,
          license_id = CASE WHEN next IN ('CANCELLED', 'SUPERSEDED', 'REMOVED') THEN NULL ELSE judged.license_id END,
          observed_state = CASE WHEN gone THEN NULL ELSE i.observed_state END,
          observed_at = CASE WHEN gone THEN NULL ELSE i.observed_at END,
          former_license_id = CASE WHEN falls_back THEN NULL ELSE i.former_license_id END,
          handle = CASE WHEN moved THEN NULL ELSE i.handle END,
          verify_at = CASE WHEN moved THEN NULL ELSE i.verify_at END,
          next_look_at = CASE WHEN begins THEN ${now} WHEN moved THEN NULL ELSE i.next_look_at END,
          deadline_at = CASE WHEN begins THEN ${deadline}::timestamptz WHEN moved THEN NULL ELSE i.deadline_at END
      FROM judged
      WHERE i.token_id = judged.token_id AND i.id = judged.id
        AND (moved OR wants <> i.want OR ${leaves} AND i.left_at IS NULL)
      RETURNING judged.*
    )
    SELECT token_id AS "tokenId", target_id AS "targetId", mirrored, next AS state, moved, gone, count(*)::int AS count,
           COALESCE(array_agg(DISTINCT license_id) FILTER (WHERE ${LETS_GO_SQL}), '{}') AS "licenseIds",
           json_build_object('ids', COALESCE(array_agg(id::text) FILTER (WHERE ${PASSES_ON_SQL}), '{}'),
                             'licenseIds', COALESCE(array_agg(license_id::text) FILTER (WHERE ${PASSES_ON_SQL}), '{}')) AS superseded
    FROM ended GROUP BY token_id, target_id, mirrored, next, moved, gone`;
}

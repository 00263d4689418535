import { WARNED_SQL } from "../app-warnings.js";
import type { DriftType } from "./drift-type.js";

/** An MDM that owns its token answers for its licences itself, and does not say which installation uses which. */
const ours = (alias: string) =>
  `${alias}.token_id NOT IN (SELECT token.id FROM token WHERE token.authority = 'TARGET')`;

/** Held, as far as we know, and nothing of it is being changed. */
const HELD = "license.ended_at IS NULL AND license.state = 'HELD' AND license.operation_id IS NULL";

/** Neither given by an admin without an install, nor protected. */
const NOBODY_SAYS_SO = "license.given_at IS NULL AND NOT license.never_reclaim";

/** No installation uses it, nor did until its device's present user has one. */
const UNUSED = `NOT EXISTS (
  SELECT 1 FROM installation used WHERE used.token_id = license.token_id AND used.license_id = license.id
) AND NOT EXISTS (
  SELECT 1 FROM installation parting
  WHERE parting.token_id = license.token_id AND parting.former_license_id = license.id)`;

/** A registration that is no known person's. */
const OF_STRANGER = `(license.token_id, license.apple_user_id) IN (
  SELECT stranger.token_id, stranger.id FROM apple_user stranger WHERE stranger.user_id IS NULL)`;

/**
 * The device, or its user, has a licence of the app all the same, whichever installation uses it. Each OFFSET 0 has
 * PostgreSQL begin at the one device or person.
 */
const LICENSED_ALL_THE_SAME = `(
  EXISTS (SELECT 1 FROM (SELECT token_id, store_app_id, license_id FROM installation WHERE device_id = i.device_id OFFSET 0) other
          JOIN license ON license.token_id = other.token_id AND license.id = other.license_id AND license.ended_at IS NULL
          WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id)
  OR EXISTS (SELECT 1 FROM (SELECT token_id, store_app_id, ended_at FROM license WHERE device_id = i.device_id OFFSET 0) own
             WHERE own.token_id = i.token_id AND own.store_app_id = i.store_app_id AND own.ended_at IS NULL)
  OR EXISTS (SELECT 1 FROM (SELECT token_id, id FROM apple_user WHERE user_id = i.user_id OFFSET 0) au
             JOIN license ON license.token_id = au.token_id AND license.apple_user_id = au.id AND license.ended_at IS NULL
             WHERE au.token_id = i.token_id AND license.store_app_id = i.store_app_id))`;

/** An installation (an alias) that has not come through: refused, or not heard of for too long. */
function stuckSql(alias: string, stalledBefore: string): string {
  return `(${alias}.state = 'FAILED' OR ${alias}.state IN ('LICENSED', 'INSTALLING') AND ${alias}.state_at < ${stalledBefore})`;
}

/**
 * SQL for the places where drift is found, each (type, token_id, id, store_app_id), in the order of the keys. Nothing is in
 * two places under one type. Most begin at an index of few rows, or at those that are on their way; only what nobody uses
 * can be told by nothing else than going through what is held.
 * @param stalledBefore an SQL timestamp: who was licensed before that, and shows no app yet, shows none for too long.
 */
export function driftPlaces(stalledBefore: string): readonly string[] {
  return [
    MISSED_IN_READING,
    NEVER_CONFIRMED,
    FOUND,
    LEFT_OVER,
    OF_NOBODY,
    OF_STRANGERS,
    MISCOUNTED,
    UNLICENSED,
    stuckPlace(stalledBefore),
  ];
}

function licensePlace(type: DriftType, rest: string): string {
  return `(SELECT '${type}'::text AS type, license.token_id, license.id, license.store_app_id ${rest}
    AND ${HELD} AND ${ours("license")})`;
}

const MISSED_IN_READING = licensePlace(
  "MISSING_AT_APPLE",
  `FROM missed_license missed JOIN license ON license.token_id = missed.token_id AND license.id = missed.license_id
   WHERE true`,
);

/** An admin gave up on its operation, and no complete reading has begun since: one would end it, or prove it. */
const NEVER_CONFIRMED = licensePlace(
  "MISSING_AT_APPLE",
  `FROM license JOIN token ON token.id = license.token_id
   WHERE license.abandoned_at IS NOT NULL
     AND (token.last_full_sync_at IS NULL OR token.last_full_sync_at <= license.abandoned_at)
     AND NOT EXISTS (SELECT 1 FROM missed_license missed
                     WHERE missed.token_id = license.token_id AND missed.license_id = license.id)`,
);

const FOUND = licensePlace(
  "UNKNOWN_HERE",
  `FROM license WHERE ${NOBODY_SAYS_SO} AND license.start_cause IN ('SYNC', 'EXTERNAL') AND ${UNUSED}
     AND (license.device_id IS NOT NULL OR license.apple_user_id IS NOT NULL AND NOT ${OF_STRANGER})`,
);

const LEFT_OVER = licensePlace(
  "LICENSED_WITHOUT_INSTALL",
  `FROM license JOIN store_app app ON app.token_id = license.token_id AND app.id = license.store_app_id
   WHERE ${NOBODY_SAYS_SO} AND license.start_cause IN ('DEPLOYMENT', 'MANUAL') AND app.revocable AND ${UNUSED}`,
);

const OF_NOBODY = licensePlace(
  "FOREIGN_HOLDER",
  "FROM license WHERE NOT license.never_reclaim AND license.device_id IS NULL AND license.apple_user_id IS NULL",
);

const OF_STRANGERS = licensePlace(
  "FOREIGN_HOLDER",
  `FROM license WHERE NOT license.never_reclaim AND license.apple_user_id IS NOT NULL AND ${OF_STRANGER}`,
);

const MISCOUNTED = `(
  SELECT 'COUNT_MISMATCH'::text AS type, app.token_id, app.id, app.id AS store_app_id
  FROM store_app app WHERE (app.token_id, app.id) IN (${WARNED_SQL}) AND ${ours("app")})`;

const UNLICENSED = `(
  SELECT 'INSTALLED_WITHOUT_LICENSE'::text AS type, i.token_id, i.id, i.store_app_id
  FROM installation i JOIN device ON device.id = i.device_id AND device.state = 'ENROLLED'
  WHERE i.license_id IS NULL AND i.former_license_id IS NULL AND i.observed_state = 'installed' AND i.state <> 'SUPERSEDED'
    AND COALESCE(i.reason, '') NOT IN ('RECLAIMED', 'SERVED_BY_OTHER_TOKEN')
    AND NOT (i.state = 'REMOVED' AND COALESCE(i.reason, '') = 'LICENSE_LOST')
    AND NOT ${LICENSED_ALL_THE_SAME} AND ${ours("i")})`;

/** Used by installations that all have got stuck, one of them still wanted. */
function stuckPlace(stalledBefore: string): string {
  return licensePlace(
    "LICENSED_WITHOUT_INSTALL",
    `FROM license WHERE ${NOBODY_SAYS_SO} AND (license.token_id, license.id) IN (
         SELECT stuck.token_id, stuck.license_id FROM installation stuck
         WHERE stuck.deadline_at IS NOT NULL AND stuck.license_id IS NOT NULL AND stuck.left_at IS NULL
           AND ${stuckSql("stuck", stalledBefore)})
       AND NOT EXISTS (SELECT 1 FROM installation well WHERE well.token_id = license.token_id
                       AND well.license_id = license.id AND NOT ${stuckSql("well", stalledBefore)})`,
  );
}

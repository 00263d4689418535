import { heldByOtherSql } from "./former-license-sql.js";

/**
 * SQL for what a need has already: joins to an installation (alias `i`), its deployment (`deployment`) and its device
 * (`device`). `OFFSET 0` makes PostgreSQL begin with the device, whatever its statistics say in the minute after a mass of
 * new rows.
 */

/** The user's registration that is not over, or the last one that Apple refused since this was requested. */
export const REGISTRATION_SQL = `LATERAL (
  SELECT au.id, au.client_user_id,
         CASE WHEN au.operation_id IS NOT NULL AND au.status <> 'REFUSED' THEN 'REQUESTED' ELSE au.status END AS status
  FROM apple_user au
  WHERE au.token_id = i.token_id AND au.user_id = i.user_id AND deployment.licensing = 'USER'
    AND (au.status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED') OR au.status = 'REFUSED' AND au.proven_at >= i.state_at)
  ORDER BY au.status = 'REFUSED', au.id DESC LIMIT 1
)`;

/**
 * The open licence of the app that the device has, unless that is a former user's, or its holder; needs REGISTRATION_SQL as
 * `registration`. A device that has one of its own, whoever gave it, needs no person's beside it (rule 5).
 */
export const OPEN_LICENSE_SQL = `LATERAL (
  SELECT found.id, found.state, found.own FROM (
    SELECT license.id, license.state, true AS own
    FROM (SELECT token_id, store_app_id, license_id, former_license_id FROM installation
          WHERE device_id = i.device_id OFFSET 0) other
    JOIN license ON license.token_id = i.token_id AND license.id IN (other.license_id, other.former_license_id)
                AND license.ended_at IS NULL AND NOT ${heldByOtherSql("i.user_id")}
    WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id
    UNION ALL
    SELECT license.id, license.state, false FROM license
    WHERE deployment.licensing = 'USER' AND license.token_id = i.token_id AND license.store_app_id = i.store_app_id
      AND license.holder_kind = 'USER' AND license.holder_key = registration.client_user_id
      AND license.ended_at IS NULL
    UNION ALL
    SELECT license.id, license.state, true FROM license
    WHERE license.token_id = i.token_id AND license.store_app_id = i.store_app_id
      AND license.holder_kind = 'DEVICE' AND license.holder_key = device.serial AND license.ended_at IS NULL
    UNION ALL
    SELECT id, state, true
    FROM (SELECT id, state, token_id, store_app_id, ended_at FROM license
          WHERE device_id = i.device_id AND holder_kind = 'DEVICE' OFFSET 0) spelled
    WHERE token_id = i.token_id AND store_app_id = i.store_app_id AND ended_at IS NULL
  ) found ORDER BY found.state = 'RETURNING', NOT found.own, found.id LIMIT 1
)`;

/** Whether the device has the same product by another token's licence. */
export const SERVED_ELSEWHERE_SQL = `EXISTS (
  SELECT FROM (SELECT token_id, store_app_id, license_id, former_license_id FROM installation
               WHERE device_id = i.device_id OFFSET 0) other
  JOIN license ON license.token_id = other.token_id AND license.id IN (other.license_id, other.former_license_id)
              AND license.ended_at IS NULL
  JOIN store_app theirs ON theirs.token_id = other.token_id AND theirs.id = other.store_app_id
  JOIN store_app ours ON ours.token_id = i.token_id AND ours.id = i.store_app_id
  WHERE other.token_id <> i.token_id AND theirs.adam_id = ours.adam_id AND theirs.pricing_param = ours.pricing_param
)`;

import { heldByOtherSql } from "./former-license-sql.js";

/**
 * SQL for what a need has already: joins to an installation (alias `i`), its deployment (`deployment`) and its device
 * (`device`). Everything begins with the one device or the one holder: `OFFSET 0` leaves PostgreSQL no
 * other way, whatever its statistics say in the minute after a mass of new rows.
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

/** The licences, open or not, that installations on the device go by: their own, or a former user's until they have one. */
const USED_ON_DEVICE_SQL = `(
  SELECT license.*
  FROM installation there
  CROSS JOIN LATERAL (VALUES (there.license_id), (there.former_license_id)) used(license_id)
  CROSS JOIN LATERAL (SELECT * FROM license WHERE token_id = there.token_id AND id = used.license_id OFFSET 0) license
  WHERE there.device_id = i.device_id OFFSET 0
)`;

/** By which the app is on the device, or comes to it, unless that is a former user's: the present one needs another. */
const SERVES_DEVICE_SQL = `
  SELECT license.id, license.state, true AS own FROM ${USED_ON_DEVICE_SQL} license
  WHERE license.token_id = i.token_id AND license.store_app_id = i.store_app_id
    AND license.ended_at IS NULL AND NOT ${heldByOtherSql("i.user_id")}`;

/** The person's, which may serve up to five devices. */
const OF_USER_SQL = `
  SELECT license.id, license.state, false FROM license
  WHERE deployment.licensing = 'USER' AND license.token_id = i.token_id AND license.store_app_id = i.store_app_id
    AND license.holder_kind = 'USER' AND license.holder_key = registration.client_user_id AND license.ended_at IS NULL`;

/** The device's, whoever gave it and whether an installation uses it or not: by its serial number as we spell it, ... */
const OF_DEVICE_SQL = `
  SELECT license.id, license.state, true FROM license
  WHERE license.token_id = i.token_id AND license.store_app_id = i.store_app_id
    AND license.holder_kind = 'DEVICE' AND license.holder_key = device.serial AND license.ended_at IS NULL`;

/** ... or as Apple does. */
const OF_DEVICE_AT_APPLE_SQL = `
  SELECT id, state, true
  FROM (SELECT id, state, token_id, store_app_id, ended_at FROM license
        WHERE device_id = i.device_id AND holder_kind = 'DEVICE' OFFSET 0) spelled
  WHERE token_id = i.token_id AND store_app_id = i.store_app_id AND ended_at IS NULL`;

/**
 * The open licence of the app that this need is to join: one need, one licence (rule 5). One on its way back comes last, and
 * a person's after what serves the device already. Needs REGISTRATION_SQL as `registration`.
 */
export const OPEN_LICENSE_SQL = `LATERAL (
  SELECT found.id, found.state, found.own
  FROM (${[SERVES_DEVICE_SQL, OF_USER_SQL, OF_DEVICE_SQL, OF_DEVICE_AT_APPLE_SQL].join("\n  UNION ALL")}) found
  ORDER BY found.state = 'RETURNING', NOT found.own, found.id LIMIT 1
)`;

/** With a `license` of another token than the installation's: it is one of the same product, and open. */
const SAME_PRODUCT_SQL = `license.token_id <> i.token_id AND license.ended_at IS NULL AND EXISTS (
  SELECT FROM store_app theirs JOIN store_app ours ON ours.token_id = i.token_id AND ours.id = i.store_app_id
  WHERE theirs.token_id = license.token_id AND theirs.id = license.store_app_id
    AND theirs.adam_id = ours.adam_id AND theirs.pricing_param = ours.pricing_param)`;

/** Whether the app is on the device, or comes to it, by another token's licence. */
export const SERVED_ELSEWHERE_SQL = `EXISTS (
  SELECT FROM ${USED_ON_DEVICE_SQL} license WHERE ${SAME_PRODUCT_SQL}
)`;

/**
 * Whether the device holds another token's licence of the product, which was given to it or found at Apple; with licensing USER
 * also whether its person holds one that no installation uses, and so may use it here. One that serves their other devices is
 * those devices'. Whoever has a licence of the installation's own token goes on by that (OPEN_LICENSE_SQL).
 */
export const HELD_ELSEWHERE_SQL = `(EXISTS (
  SELECT FROM (SELECT token_id, store_app_id, ended_at FROM license WHERE device_id = i.device_id OFFSET 0) license
  WHERE ${SAME_PRODUCT_SQL}
) OR deployment.licensing = 'USER' AND EXISTS (
  SELECT FROM (SELECT token_id, id FROM apple_user WHERE user_id = i.user_id AND token_id <> i.token_id OFFSET 0) other
  CROSS JOIN LATERAL (
    SELECT token_id, id, store_app_id, ended_at FROM license
    WHERE token_id = other.token_id AND apple_user_id = other.id OFFSET 0
  ) license
  WHERE ${SAME_PRODUCT_SQL}
    AND NOT EXISTS (SELECT FROM installation WHERE token_id = license.token_id AND license_id = license.id)
    AND NOT EXISTS (SELECT FROM installation WHERE token_id = license.token_id AND former_license_id = license.id)
))`;

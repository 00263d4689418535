import type { AppleUserStatus } from "../entities/apple-user.js";
import type { DeviceState } from "../entities/device.js";
import type { LicenseState } from "../entities/license.js";
import { type Reader, rows } from "./sql.js";

interface HolderFacts {
  /** Of the Device or User. */
  readonly id: string;
  /** The licence of the app that the holder has already, and that has not ended. */
  readonly openLicenseId: string | null;
  readonly openLicenseState: LicenseState | null;
  /** The same product is there by another licence: of another token, or of the other kind. */
  readonly servedElsewhere: boolean;
}

/** What is to be known of a device before it is given a licence. */
export interface DeviceFacts extends HolderFacts {
  readonly kind: "DEVICE";
  readonly serial: string | null;
  readonly state: DeviceState;
}

/** The same of a person. */
export interface UserFacts extends HolderFacts {
  readonly kind: "USER";
  /** No target knows the person any more. */
  readonly left: boolean;
  /** The registration that is not over. */
  readonly appleUserId: string | null;
  readonly clientUserId: string | null;
  /** REQUESTED also while it is being retired: what comes of it is waited for. */
  readonly registration: AppleUserStatus | null;
}

/** The devices among these ids that there are. */
export function deviceFacts(
  db: Reader,
  storeApp: { readonly tokenId: string; readonly id: string },
  deviceIds: readonly string[],
): Promise<DeviceFacts[]> {
  return rows<DeviceFacts>(
    db,
    `SELECT 'DEVICE' AS kind, device.id, device.serial, device.state,
            open.id AS "openLicenseId", open.state AS "openLicenseState",
            EXISTS (
              SELECT 1 FROM installation i
              JOIN license ON license.token_id = i.token_id AND license.id = i.license_id AND license.ended_at IS NULL
              JOIN store_app theirs ON theirs.token_id = license.token_id AND theirs.id = license.store_app_id
              WHERE i.device_id = device.id AND license.id IS DISTINCT FROM open.id
                AND theirs.adam_id = app.adam_id AND theirs.pricing_param = app.pricing_param
            ) OR EXISTS (
              SELECT 1 FROM (SELECT token_id, store_app_id FROM license
                             WHERE device_id = device.id AND ended_at IS NULL OFFSET 0) own
              JOIN store_app theirs ON theirs.token_id = own.token_id AND theirs.id = own.store_app_id
              WHERE own.token_id <> $1 AND theirs.adam_id = app.adam_id AND theirs.pricing_param = app.pricing_param
            ) AS "servedElsewhere"
     FROM device JOIN store_app app ON app.token_id = $1 AND app.id = $2
     LEFT JOIN LATERAL (
       SELECT found.id, found.state FROM (
         SELECT id, state FROM license
         WHERE token_id = $1 AND store_app_id = $2 AND holder_kind = 'DEVICE' AND holder_key = device.serial
           AND ended_at IS NULL
         UNION ALL
         SELECT id, state FROM (SELECT * FROM license WHERE device_id = device.id OFFSET 0) spelled
         WHERE token_id = $1 AND store_app_id = $2 AND ended_at IS NULL
       ) found ORDER BY found.state = 'RETURNING', found.id LIMIT 1
     ) open ON true
     WHERE device.id = ANY($3) ORDER BY device.id`,
    [storeApp.tokenId, storeApp.id, deviceIds],
  );
}

/** The people among these ids that there are. */
export function userFacts(
  db: Reader,
  storeApp: { readonly tokenId: string; readonly id: string },
  userIds: readonly string[],
): Promise<UserFacts[]> {
  return rows<UserFacts>(
    db,
    `SELECT 'USER' AS kind, person.id, person.left_at IS NOT NULL AS left,
            registration.id AS "appleUserId", registration.client_user_id AS "clientUserId",
            CASE WHEN registration.operation_id IS NOT NULL THEN 'REQUESTED' ELSE registration.status END AS registration,
            open.id AS "openLicenseId", open.state AS "openLicenseState",
            EXISTS (
              SELECT 1 FROM (SELECT token_id, id FROM apple_user WHERE user_id = person.id OFFSET 0) other
              JOIN license ON license.token_id = other.token_id AND license.apple_user_id = other.id
                          AND license.ended_at IS NULL
              JOIN store_app theirs ON theirs.token_id = license.token_id AND theirs.id = license.store_app_id
              WHERE license.id IS DISTINCT FROM open.id
                AND theirs.adam_id = app.adam_id AND theirs.pricing_param = app.pricing_param
            ) AS "servedElsewhere"
     FROM "user" person JOIN store_app app ON app.token_id = $1 AND app.id = $2
     LEFT JOIN apple_user registration
            ON registration.token_id = $1 AND registration.user_id = person.id
           AND registration.status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')
     LEFT JOIN LATERAL (
       SELECT id, state FROM license
       WHERE token_id = $1 AND store_app_id = $2 AND holder_kind = 'USER' AND holder_key = registration.client_user_id
         AND ended_at IS NULL
     ) open ON true
     WHERE person.id = ANY($3) ORDER BY person.id`,
    [storeApp.tokenId, storeApp.id, userIds],
  );
}

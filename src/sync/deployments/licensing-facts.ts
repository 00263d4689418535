import type { EntityManager } from "typeorm";
import type { AppleUserStatus } from "../../entities/apple-user.js";
import type { DeploymentLicensing } from "../../entities/deployment.js";
import type { InstallationReason, InstallationState } from "../../entities/installation.js";
import type { LicenseState } from "../../entities/license.js";
import { claimableSql } from "../../entities/store-app.js";
import { row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";

/** All that licensing needs to know of one installation that needs a licence. */
export interface LicensingFacts {
  readonly id: string;
  readonly state: InstallationState;
  readonly reason: InstallationReason | null;
  readonly generation: number;
  readonly licensing: DeploymentLicensing;
  readonly deviceId: string;
  readonly serial: string | null;
  readonly userId: string | null;
  /** No target knows the person any more. */
  readonly userLeft: boolean;
  /** The user's registration that is not over, or the last one that Apple refused since this was requested. */
  readonly appleUserId: string | null;
  readonly clientUserId: string | null;
  /** REQUESTED also while it is being retired: what comes of it is waited for. */
  readonly registration: AppleUserStatus | null;
  /** The licence that this need, or its holder, has already. */
  readonly openLicenseId: string | null;
  readonly openLicenseState: LicenseState | null;
  /** It serves this very device already, or is the device's own. */
  readonly ownLicense: boolean;
  /** Other devices that use that licence. */
  readonly devicesServed: number;
  /** The device has the same product by another token's licence. */
  readonly servedElsewhere: boolean;
}

/** How many installations one transaction licenses. */
export const LICENSING_BATCH = 5_000;

/** The apps of a token for which an installation could be moved by licensing. */
export async function appsToLicense(core: Core, tokenId: string): Promise<string[]> {
  const apps = await rows<{ id: string }>(
    core.dataSource,
    `SELECT DISTINCT store_app_id AS id FROM installation
     WHERE token_id = $1 AND state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER') ORDER BY 1`,
    [tokenId],
  );
  return apps.map((app) => app.id);
}

/** Licences of an app that may be claimed now. */
export async function claimable(tx: EntityManager, core: Core, storeApp: TokenScopedKey): Promise<number> {
  const stock = await row<{ free: number }>(
    tx,
    `SELECT ${claimableSql("$3")} AS free FROM store_app app WHERE app.token_id = $1 AND app.id = $2 FOR NO KEY UPDATE`,
    [storeApp.tokenId, storeApp.id, core.clock.now()],
  );
  return stock?.free ?? 0;
}

/**
 * The installations of one app that licensing can move now, who came first first: everything REQUESTED, and of those that
 * wait the ones whose wait may be over. `OFFSET 0` makes PostgreSQL begin with the device, whatever its statistics say in the
 * minute after a mass of new rows. They are locked: a flip waits until they have their licence, or comes first.
 */
export function licensingFacts(tx: EntityManager, storeApp: TokenScopedKey, free: number): Promise<LicensingFacts[]> {
  return rows<LicensingFacts>(
    tx,
    `SELECT i.id, i.state, i.reason, i.generation, deployment.licensing, i.device_id AS "deviceId", device.serial, i.user_id AS "userId",
            person.left_at IS NOT NULL AS "userLeft",
            registration.id AS "appleUserId", registration.client_user_id AS "clientUserId",
            registration.status AS registration,
            open.id AS "openLicenseId", open.state AS "openLicenseState", COALESCE(open.own, false) AS "ownLicense",
            COALESCE(served.devices, 0)::int AS "devicesServed", elsewhere.found IS NOT NULL AS "servedElsewhere"
     FROM installation i
     JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id
     JOIN device ON device.id = i.device_id
     LEFT JOIN "user" person ON person.id = i.user_id
     LEFT JOIN LATERAL (
       SELECT au.id, au.client_user_id,
              CASE WHEN au.operation_id IS NOT NULL AND au.status <> 'REFUSED' THEN 'REQUESTED' ELSE au.status END AS status
       FROM apple_user au
       WHERE au.token_id = i.token_id AND au.user_id = i.user_id AND deployment.licensing = 'USER'
         AND (au.status IN ('REQUESTED', 'REGISTERED', 'ASSOCIATED')
              OR au.status = 'REFUSED' AND au.proven_at >= i.state_at)
       ORDER BY au.status = 'REFUSED', au.id DESC LIMIT 1
     ) registration ON true
     LEFT JOIN LATERAL (
       SELECT found.id, found.state, found.own FROM (
         SELECT license.id, license.state, true AS own
         FROM (SELECT token_id, store_app_id, license_id FROM installation WHERE device_id = i.device_id OFFSET 0) other
         JOIN license ON license.token_id = i.token_id AND license.id = other.license_id AND license.ended_at IS NULL
         WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id
         UNION ALL
         SELECT license.id, license.state, false FROM license
         WHERE deployment.licensing = 'USER' AND license.token_id = i.token_id AND license.store_app_id = i.store_app_id
           AND license.holder_kind = 'USER' AND license.holder_key = registration.client_user_id
           AND license.ended_at IS NULL
         UNION ALL
         SELECT license.id, license.state, true FROM license
         WHERE deployment.licensing = 'DEVICE' AND license.token_id = i.token_id AND license.store_app_id = i.store_app_id
           AND license.holder_kind = 'DEVICE' AND license.holder_key = device.serial AND license.ended_at IS NULL
         UNION ALL
         SELECT id, state, true
         FROM (SELECT id, state, token_id, store_app_id, ended_at FROM license
               WHERE device_id = i.device_id AND deployment.licensing = 'DEVICE' OFFSET 0) spelled
         WHERE token_id = i.token_id AND store_app_id = i.store_app_id AND ended_at IS NULL
       ) found ORDER BY found.state = 'RETURNING', NOT found.own, found.id LIMIT 1
     ) open ON true
     LEFT JOIN LATERAL (
       SELECT count(DISTINCT other.device_id) AS devices FROM installation other
       WHERE other.token_id = i.token_id AND other.license_id = open.id AND other.device_id <> i.device_id
     ) served ON true
     LEFT JOIN LATERAL (
       SELECT true AS found
       FROM (SELECT token_id, store_app_id, license_id FROM installation WHERE device_id = i.device_id OFFSET 0) other
       JOIN license ON license.token_id = other.token_id AND license.id = other.license_id AND license.ended_at IS NULL
       JOIN store_app theirs ON theirs.token_id = other.token_id AND theirs.id = other.store_app_id
       JOIN store_app ours ON ours.token_id = i.token_id AND ours.id = i.store_app_id
       WHERE other.token_id <> i.token_id AND theirs.adam_id = ours.adam_id AND theirs.pricing_param = ours.pricing_param
       LIMIT 1
     ) elsewhere ON true
     WHERE i.token_id = $1 AND i.store_app_id = $2 AND i.want = 'PRESENT'
       AND i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')
       AND (i.state = 'REQUESTED'
            OR i.state = 'WAITING_FOR_LICENSE' AND open.state IS DISTINCT FROM 'RETURNING'
               AND ($3 > 0 OR open.id IS NOT NULL OR i.reason = 'LICENSE_RETURNING')
            OR i.state = 'WAITING_FOR_USER' AND (registration.id IS NULL OR registration.status IN ('ASSOCIATED', 'REFUSED')
               OR registration.status = 'REGISTERED' AND i.reason = 'REGISTRATION_OPEN'))
     ORDER BY i.id LIMIT ${LICENSING_BATCH}
     FOR NO KEY UPDATE OF i`,
    [storeApp.tokenId, storeApp.id, free],
  );
}

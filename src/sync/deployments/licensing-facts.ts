import type { EntityManager } from "typeorm";
import type { AppleUserStatus } from "../../entities/apple-user.js";
import type { DeploymentLicensing } from "../../entities/deployment.js";
import type { InstallationReason, InstallationState } from "../../entities/installation.js";
import type { LicenseState } from "../../entities/license.js";
import { rows } from "../../queries/sql.js";
import { TURN_SQL } from "../../queries/turn-sql.js";
import type { TokenScopedKey } from "../core.js";
import { HELD_ELSEWHERE_SQL, OPEN_LICENSE_SQL, REGISTRATION_SQL, SERVED_ELSEWHERE_SQL } from "./need-sql.js";

/** All that licensing needs to know of one installation that needs a licence. */
export interface LicensingFacts {
  readonly id: string;
  readonly state: InstallationState;
  readonly reason: InstallationReason | null;
  readonly generation: number;
  readonly licensing: DeploymentLicensing;
  /** The deployment's: for whom licences may be reserved; null when it is deleted. */
  readonly collectionId: string | null;
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
  /** Why there is no registration though it was asked for; null unless it is REFUSED, and when that is forgotten. */
  readonly refusal: RegistrationRefusal | null;
  /** The licence that this need, or its holder, has already. */
  readonly openLicenseId: string | null;
  readonly openLicenseState: LicenseState | null;
  /** It serves this very device already, or is the device's own. */
  readonly ownLicense: boolean;
  /** Other devices that use that licence: what was on one that is lost is gone. */
  readonly devicesServed: number;
  /** The device has the same product by another token's licence, or could: it or its person holds one, and none of this token. */
  readonly servedElsewhere: boolean;
}

/** What has come of a registration that was not made, as its operation says. */
export interface RegistrationRefusal {
  /** By an admin, whatever Apple would have said. */
  readonly givenUp: boolean;
  readonly detail: string | null;
  readonly remedy: string | null;
}

/** Of a `registration`; looked up only where it was refused. */
const REFUSAL_SQL = `CASE WHEN registration.status = 'REFUSED' THEN (
  SELECT json_build_object('givenUp', op.state = 'ABANDONED', 'detail', holder.detail, 'remedy', holder.remedy)
  FROM apple_user refused
  JOIN apple_operation op ON op.token_id = refused.token_id AND op.id = refused.refused_operation_id
  JOIN apple_operation_holder holder ON holder.token_id = op.token_id AND holder.operation_id = op.id
       AND holder.holder_kind = 'USER' AND holder.holder_key = refused.client_user_id
  WHERE refused.token_id = i.token_id AND refused.id = registration.id) END`;

/**
 * SQL for the facts of who needs a licence: installations, or members of a collection that would become some.
 * @param from relations `i`, with the columns of an installation that are named here, and `deployment`, likewise
 */
export function factsSql(from: string): string {
  return `
    SELECT i.id, i.state, i.reason, i.generation, deployment.licensing,
           deployment.collection_id AS "collectionId", i.device_id AS "deviceId", device.serial, i.user_id AS "userId",
           person.left_at IS NOT NULL AS "userLeft",
           registration.id AS "appleUserId", registration.client_user_id AS "clientUserId",
           registration.status AS registration, ${REFUSAL_SQL} AS refusal,
           open.id AS "openLicenseId", open.state AS "openLicenseState", COALESCE(open.own, false) AS "ownLicense",
           COALESCE(served.devices, 0)::int AS "devicesServed",
           (${SERVED_ELSEWHERE_SQL} OR open.id IS NULL AND ${HELD_ELSEWHERE_SQL}) AS "servedElsewhere"
    FROM ${from}
    JOIN device ON device.id = i.device_id
    LEFT JOIN "user" person ON person.id = i.user_id
    LEFT JOIN ${REGISTRATION_SQL} registration ON true
    LEFT JOIN ${OPEN_LICENSE_SQL} open ON true
    LEFT JOIN LATERAL (
      SELECT count(DISTINCT other.device_id) AS devices FROM (
        SELECT device_id FROM installation WHERE token_id = i.token_id AND license_id = open.id
        UNION ALL
        SELECT device_id FROM installation WHERE token_id = i.token_id AND former_license_id = open.id
      ) other JOIN device theirs ON theirs.id = other.device_id AND theirs.state = 'ENROLLED'
      WHERE other.device_id <> i.device_id
    ) served ON true`;
}

/** The facts of these installations of one app, as far as they still need a licence, in the order of their turns. */
export function licensingFacts(
  tx: EntityManager,
  storeApp: TokenScopedKey,
  ids: readonly string[],
): Promise<LicensingFacts[]> {
  return rows<LicensingFacts>(
    tx,
    `${factsSql("installation i JOIN deployment ON deployment.token_id = i.token_id AND deployment.id = i.deployment_id")}
     WHERE i.token_id = $1 AND i.store_app_id = $2 AND i.id = ANY($3) AND i.want = 'PRESENT'
       AND i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')
     ORDER BY ${TURN_SQL}`,
    [storeApp.tokenId, storeApp.id, ids],
  );
}

import type { EntityManager } from "typeorm";
import { PlannedLicense as L, PlanOutcome as O } from "../../../entities/deployment-plan-member.js";
import { InstallationState as S } from "../../../entities/installation.js";
import { rows } from "../../../queries/sql.js";
import type { TokenScopedKey } from "../../core.js";
import { unusedLicenseSql } from "../unused-license-sql.js";
import { planWithoutLicense } from "./plan-install.js";
import { type MemberSink, PLAN_BATCH, type PlannedMember, type StagedMember } from "./planned-member.js";

/**
 * SQL for the licence of the app that a deployment has left on the device of the `staged` member, whosever it is: the removal
 * ends that, too. It returns with the last of its devices, where the app is removed from all of them.
 */
const LEFT_BEHIND_SQL = `(
  SELECT behind.license_id
  FROM (SELECT token_id, id, store_app_id, license_id, left_at, want FROM installation
        WHERE device_id = staged.device_id OFFSET 0) behind
  JOIN license held ON held.token_id = behind.token_id AND held.id = behind.license_id AND held.state = 'HELD'
  WHERE behind.token_id = $1 AND behind.store_app_id = $2 AND behind.left_at IS NOT NULL AND behind.want = 'PRESENT'
    AND NOT EXISTS (
      SELECT FROM (SELECT device_id, left_at, want FROM installation
                   WHERE token_id = $1 AND license_id = behind.license_id OFFSET 0) other
      WHERE other.left_at IS NULL OR other.want = 'ABSENT' OR NOT EXISTS (
        SELECT FROM planned_member parting WHERE parting.device_id = other.device_id AND parting.state = 'REMOVING'))
    AND NOT EXISTS (
      SELECT FROM installation parting WHERE parting.token_id = $1 AND parting.former_license_id = behind.license_id)
  ORDER BY behind.id LIMIT 1)`;

/** A member of an uninstall, with the licence that its removal takes along. */
interface RemovedMember extends StagedMember {
  readonly licenseId: string | null;
  readonly revocable: boolean;
  /** An admin protects the licence, or has given it. */
  readonly protected: boolean;
}

/**
 * What an uninstall means for each staged member.
 * @param members how many there are
 * @returns how many licences return, and how many stay although the app goes.
 */
export async function planRemovals(
  tx: EntityManager,
  storeApp: TokenScopedKey,
  members: number,
  sink: MemberSink,
): Promise<{ returning: number; notReturning: number }> {
  const returning = new Set<string>();
  const notReturning = new Set<string>();
  await tx.query("CREATE INDEX ON planned_member (device_id)");
  for (let after = 0; after < members; after += PLAN_BATCH) {
    const batch = (await removedMembers(tx, storeApp, after)).map(planRemoval);
    for (const { license, licenseId } of batch) {
      if (licenseId !== null) (license === L.RETURNS ? returning : notReturning).add(licenseId);
    }
    await sink(batch);
  }
  return { returning: returning.size, notReturning: notReturning.size };
}

function removedMembers(tx: EntityManager, storeApp: TokenScopedKey, after: number): Promise<RemovedMember[]> {
  return rows<RemovedMember>(
    tx,
    `SELECT member.position, member.device_id AS "deviceId", member.user_id AS "userId", member.state, member.reason,
            license.id AS "licenseId", app.revocable,
            COALESCE(license.never_reclaim OR license.given_at IS NOT NULL, false) AS protected
     FROM (
       SELECT staged.*, CASE state WHEN 'REMOVING' THEN COALESCE(${LEFT_BEHIND_SQL}, ${unusedLicenseSql("staged")}) END AS license_id
       FROM planned_member staged WHERE position > $3 AND position <= $4 ORDER BY position OFFSET 0
     ) member
     JOIN store_app app ON app.token_id = $1 AND app.id = $2
     LEFT JOIN license ON license.token_id = $1 AND license.id = member.license_id
     ORDER BY member.position`,
    [storeApp.tokenId, storeApp.id, after, after + PLAN_BATCH],
  );
}

function planRemoval(removed: RemovedMember): PlannedMember {
  const { position, deviceId, userId, licenseId } = removed;
  if (removed.state === S.SUPERSEDED) {
    return { position, deviceId, userId, outcome: O.KEPT, reason: removed.reason, license: null, licenseId: null };
  }
  if (removed.state !== S.REMOVING) return planWithoutLicense(removed);
  return { position, deviceId, userId, outcome: O.REMOVE, reason: null, license: licenseOf(removed), licenseId };
}

function licenseOf({ licenseId, revocable, protected: stays }: RemovedMember): L | null {
  if (licenseId === null) return null;
  if (!revocable) return L.IRREVOCABLE;
  return stays ? L.STAYS : L.RETURNS;
}

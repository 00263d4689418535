import type { EntityManager } from "typeorm";
import { keepsSql } from "../../queries/kept-by.js";

/** Installations of one token that let go of their licences, since another deployment keeps the app on their devices. */
export interface PassedOn {
  readonly ids: readonly string[];
  /** What each of them has used until now. */
  readonly licenseIds: readonly string[];
}

/**
 * Leaves a licence by which the app is on a device, or comes to it, to the installation that keeps it there and has none yet:
 * it goes on by that until it has joined it, or has its own. One that has failed gets what is on the device for certain.
 * Comes before `release-licenses`, which would return what nobody uses.
 */
export async function passOnLicenses(tx: EntityManager, tokenId: string, { ids, licenseIds }: PassedOn): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(
    `WITH keeping AS (
       SELECT other.token_id, other.id, passed.license_id
       FROM unnest($2::bigint[], $3::bigint[]) AS passed(id, license_id)
       JOIN installation i ON i.token_id = $1 AND i.id = passed.id
       JOIN installation other ON other.token_id = i.token_id AND other.store_app_id = i.store_app_id
        AND other.device_id = i.device_id AND other.deployment_id <> i.deployment_id
       WHERE ${keepsSql("other")} AND other.former_license_id IS NULL AND (
         other.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')
         OR other.state = 'CLAIMING' AND other.license_id <> passed.license_id
         OR other.state = 'FAILED' AND other.license_id IS NULL AND i.observed_state = 'installed')
       ORDER BY other.token_id, other.id FOR UPDATE OF other
     )
     UPDATE installation i SET former_license_id = keeping.license_id FROM keeping
     WHERE i.token_id = keeping.token_id AND i.id = keeping.id`,
    [tokenId, ids, licenseIds],
  );
}

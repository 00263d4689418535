import type { EntityManager } from "typeorm";
import type { Deployment } from "../../entities/deployment.js";
import { heldByOtherSql } from "./former-license-sql.js";

/**
 * Where another deployment has the app on a device by the licence of its former user, one that asks for it for the present
 * user goes on with that until it has its own: what the other deployment lets go of meanwhile stays held.
 */
export async function keepFormer(tx: EntityManager, { tokenId, id, storeAppId }: Deployment): Promise<void> {
  await tx.query(
    `WITH served AS (
       SELECT i.token_id, i.id, other.license_id
       FROM installation i
       CROSS JOIN LATERAL (
         SELECT used.license_id
         FROM (SELECT token_id, id, store_app_id, state, license_id FROM installation WHERE device_id = i.device_id OFFSET 0) used
         JOIN license ON license.token_id = used.token_id AND license.id = used.license_id AND license.state = 'HELD'
         WHERE used.token_id = i.token_id AND used.store_app_id = i.store_app_id AND used.id <> i.id
           AND used.state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED') AND ${heldByOtherSql("i.user_id")}
         LIMIT 1
       ) other
       WHERE i.token_id = $1 AND i.deployment_id = $2 AND i.state = 'REQUESTED' AND i.license_id IS NULL
         AND i.former_license_id IS NULL AND EXISTS (
           SELECT FROM deployment d WHERE d.token_id = $1 AND d.store_app_id = $3 AND d.id <> $2)
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i SET former_license_id = served.license_id FROM served
     WHERE i.token_id = served.token_id AND i.id = served.id`,
    [tokenId, id, storeAppId],
  );
}

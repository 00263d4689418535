import type { EntityManager } from "typeorm";

/** Writes down for the ledger which deployment has come to these licences last, where another one had before. */
export async function noteLastUse(tx: EntityManager, tokenId: string, licenseIds: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE license SET last_deployment_id = latest.deployment_id
     FROM (SELECT DISTINCT ON (i.license_id) i.license_id, i.deployment_id FROM installation i
           WHERE i.token_id = $1 AND i.license_id = ANY($2) ORDER BY i.license_id, i.state_at DESC, i.id DESC) latest
     WHERE license.token_id = $1 AND license.id = latest.license_id AND license.ended_at IS NULL
       AND license.last_deployment_id IS DISTINCT FROM latest.deployment_id`,
    [tokenId, licenseIds],
  );
}

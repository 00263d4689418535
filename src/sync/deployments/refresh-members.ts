import type { EntityManager } from "typeorm";
import { Deployment } from "../../entities/deployment.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { MEMBERS_SQL } from "./members-sql.js";
import { DEADLINES_MS } from "./transitions.js";

/**
 * For a removal: the licence that the device, or its user, holds and that no installation uses; it returns afterwards. Each
 * OFFSET 0 keeps the planner from starting elsewhere than at the holder, whatever it believes of the tables' sizes: a
 * device has few licences, an app as many as there are devices.
 */
const UNUSED_LICENSE_SQL = `
  CASE state WHEN 'REMOVING' THEN (
    SELECT held.id FROM (
      SELECT * FROM (
        SELECT token_id, id, store_app_id, state, false AS "isUser" FROM license
        WHERE device_id = member.device_id OFFSET 0
      ) device_held
      UNION ALL
      SELECT user_held.* FROM (
        SELECT token_id, id FROM apple_user WHERE user_id = member.user_id OFFSET 0
      ) registration CROSS JOIN LATERAL (
        SELECT token_id, id, store_app_id, state, true FROM license
        WHERE token_id = registration.token_id AND apple_user_id = registration.id OFFSET 0
      ) user_held
    ) held
    WHERE held.token_id = $1 AND held.store_app_id = $3 AND held.state = 'HELD'
      AND NOT EXISTS (SELECT 1 FROM installation other
                      WHERE other.token_id = held.token_id AND other.license_id = held.id OFFSET 0)
    ORDER BY held."isUser", held.id LIMIT 1
  ) END`;

/** Gives each member of a collection its Installation in every deployment to it: who joins gets the app. */
export async function refreshMembers(core: Core, { collectionId }: Jobs["refresh-members"]): Promise<void> {
  const deployments = await core.dataSource.manager.find(Deployment, { where: { collectionId } });
  for (const deployment of deployments) {
    await core.dataSource.transaction((tx) => refreshDeployment(tx, core, deployment));
  }
}

/**
 * Brings one deployment's installations in step with its collection as it is now: new rows for new devices, and another
 * look at those that could not get the app, or no longer want to be left out. One statement a kind, however many members.
 */
export async function refreshDeployment(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  const { tokenId, id, storeAppId, collectionId, targetId } = deployment;
  await tx.query("SELECT 1 FROM deployment WHERE token_id = $1 AND id = $2 FOR UPDATE", [tokenId, id]);
  const parameters = [tokenId, id, storeAppId, collectionId, targetId, core.clock.now()];
  const removalDeadline = core.clock.in(DEADLINES_MS.REMOVING ?? 0);
  await tx.query(
    `${MEMBERS_SQL}
     INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, device_id, user_id, want, state, reason,
                               license_id, next_look_at, deadline_at, state_at, queued_at, created_at)
     SELECT $1, $2, $3, $5, device_id, user_id, want, state, reason, ${UNUSED_LICENSE_SQL},
            CASE state WHEN 'REMOVING' THEN $6::timestamptz END, CASE state WHEN 'REMOVING' THEN $7::timestamptz END, $6, $6, $6
     FROM member WHERE device_id IS NOT NULL ORDER BY device_id
     ON CONFLICT (token_id, deployment_id, device_id) WHERE device_id IS NOT NULL
     DO UPDATE SET state = excluded.state, reason = excluded.reason, want = excluded.want, user_id = excluded.user_id,
                   detail = NULL, remedy = NULL, state_at = excluded.state_at,
                   queued_at = excluded.queued_at
     WHERE installation.state IN ('NOT_APPLICABLE', 'CANCELLED', 'REMOVED', 'SUPERSEDED')
       AND installation.want = excluded.want AND excluded.want = 'PRESENT'
       AND (installation.state, installation.reason) IS DISTINCT FROM (excluded.state, excluded.reason)
       AND COALESCE(installation.reason, '') NOT IN ('DEVICE_LIMIT', 'REGISTRATION_REFUSED', 'SERVED_BY_OTHER_TOKEN')`,
    [...parameters, removalDeadline],
  );
  await tx.query(
    `${MEMBERS_SQL}
     INSERT INTO installation (token_id, deployment_id, store_app_id, target_id, user_id, want, state, reason, state_at,
                               queued_at, created_at)
     SELECT $1, $2, $3, $5, user_id, want, state, reason, $6, $6, $6 FROM member WHERE device_id IS NULL ORDER BY user_id
     ON CONFLICT (token_id, deployment_id, user_id) WHERE device_id IS NULL
     DO UPDATE SET state = excluded.state, want = excluded.want, state_at = excluded.state_at
     WHERE installation.state <> excluded.state`,
    parameters,
  );
  await tx.query(
    `UPDATE installation SET state = 'SUPERSEDED', state_at = $3
     WHERE token_id = $1 AND deployment_id = $2 AND state = 'NO_DEVICE'
       AND EXISTS (SELECT 1 FROM installation other WHERE other.token_id = $1 AND other.deployment_id = $2
                   AND other.user_id = installation.user_id AND other.device_id IS NOT NULL)`,
    [tokenId, id, core.clock.now()],
  );
  await addJob(tx, "license-installations", { tokenId });
  await addJob(tx, "apply-steps", { targetId });
}

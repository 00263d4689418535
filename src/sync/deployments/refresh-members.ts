import type { EntityManager } from "typeorm";
import { Deployment, DeploymentAction, OnLeave } from "../../entities/deployment.js";
import { RECLAIM_GRACE_MS } from "../../entities/installation.js";
import { freshenStatistics } from "../../queries/freshen-statistics.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { changeUsers } from "./change-users.js";
import { endInstallations } from "./end-installations.js";
import { keepFormer } from "./keep-former.js";
import { DEPLOYMENT_LOCK } from "./lock-deployment.js";
import { lockInstallationsOf } from "./lock-installations.js";
import { lockWishes } from "./lock-wishes.js";
import { GONE_REASONS_SQL, MEMBERS_SQL, USERLESS_SQL } from "./members-sql.js";
import { resumeRemovals } from "./resume-removals.js";
import { DEADLINES_MS } from "./transitions.js";
import { unusedLicenseSql } from "./unused-license-sql.js";
import { wantAgain } from "./want-again.js";

/**
 * SQL for whether the installation `i` stands for a member of the deployment whose device is there and, where the app is to
 * go by its user's licence, has one.
 */
const BELONGS_SQL = `CASE
  WHEN i.device_id IS NULL THEN EXISTS (SELECT FROM present_member member WHERE member.user_id = i.user_id)
  ELSE EXISTS (SELECT FROM present_member member WHERE member.device_id = i.device_id
                 AND COALESCE(member.reason, '') NOT IN ${GONE_REASONS_SQL} AND NOT ${USERLESS_SQL}) END`;

/**
 * SQL for whether the `installation` was over before $7, so long ago that an app which was left on the device without a licence
 * has ended: what was seen there says nothing any more.
 */
const SEEN_LONG_AGO_SQL = "installation.state IN ('REMOVED', 'CANCELLED') AND installation.state_at < $7";

/** SQL for an installation that was never more than the word that its device, or its user, is not there. */
const ONLY_SAYS_SO_SQL = `i.state = 'NOT_APPLICABLE' AND (i.reason = 'NO_USER' OR i.reason IN ${GONE_REASONS_SQL}) AND EXISTS (
  SELECT FROM present_member member WHERE member.device_id = i.device_id)`;

/**
 * Brings every deployment to a collection in step with its members: who joins gets the app, who leaves falls under `onLeave`,
 * who comes back is wanted again.
 */
export async function refreshMembers(core: Core, { collectionId }: Jobs["refresh-members"]): Promise<void> {
  const deployments = await rows<TokenScopedKey>(
    core.dataSource,
    `SELECT token_id AS "tokenId", id FROM deployment WHERE collection_id = $1 AND deleted_at IS NULL ORDER BY token_id, id`,
    [collectionId],
  );
  for (const key of deployments) {
    // What follows is planned well only if PostgreSQL has heard of the mass of rows that came or changed a moment ago.
    await freshenStatistics(core.dataSource, [
      "installation",
      "collection_member",
      "device",
      "holder_alias",
      "license",
    ]);
    await inTransaction(core, (tx) => refreshDeployment(tx, core, key));
  }
}

/**
 * The same for one deployment, which is locked until the transaction ends; one that has been deleted stays as it is. One
 * statement a kind, however many members; at most once a transaction.
 */
export async function refreshDeployment(tx: EntityManager, core: Core, key: TokenScopedKey): Promise<void> {
  const deployment = await tx.findOne(Deployment, {
    where: { tokenId: key.tokenId, id: key.id },
    lock: DEPLOYMENT_LOCK,
  });
  if (!deployment || deployment.deletedAt !== null) return;
  const { tokenId, storeAppId, targetId } = deployment;
  await endLeavers(tx, core, deployment);
  await sayNoUser(tx, core, deployment);
  await welcomeBack(tx, core, deployment);
  await changeUsers(tx, core, deployment);
  await addDevices(tx, core, deployment);
  await keepFormer(tx, deployment);
  await addUsersWithoutDevices(tx, core, deployment);
  await resumeRemovals(tx, core, { tokenId, id: storeAppId });
  await addJob(tx, "license-installations", { tokenId });
  await addJob(tx, "apply-steps", { targetId });
}

/**
 * Lets those leave a deployment, which is locked, who are no members any more, by its `onLeave` as it is now: before that, or
 * its action, changes. At most once a transaction.
 */
export async function endLeavers(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  const { tokenId, id, storeAppId, collectionId, targetId } = deployment;
  await lockWishes(tx, [{ tokenId, id: storeAppId }]);
  await lockInstallationsOf(tx, deployment);
  await tx.query(`CREATE TEMPORARY TABLE present_member ON COMMIT DROP AS ${MEMBERS_SQL} SELECT * FROM member`, [
    tokenId,
    id,
    storeAppId,
    collectionId,
    targetId,
  ]);
  // Members are looked up one by one: a semi-join cannot tell those by device from those by user.
  await tx.query("CREATE INDEX ON present_member (device_id)");
  await tx.query("CREATE INDEX ON present_member (user_id)");
  await tx.query("ANALYZE present_member");
  await endInstallations(tx, core, {
    which: `i.token_id = $1 AND i.deployment_id = $2 AND i.left_at IS NULL AND NOT ${BELONGS_SQL}
            AND NOT (${ONLY_SAYS_SO_SQL})`,
    parameters: [deployment.tokenId, deployment.id],
    onLeave: "d.on_leave",
    leaves: true,
  });
}

/** A loss that nobody has heeded yet comes first (`leave-lost-devices`). */
async function welcomeBack(tx: EntityManager, core: Core, { tokenId, id, action }: Deployment): Promise<void> {
  const back = `i.token_id = $1 AND i.deployment_id = $2 AND i.left_at IS NOT NULL AND device.lost_at IS NULL AND ${BELONGS_SQL}`;
  if (action === DeploymentAction.INSTALL) return wantAgain(tx, core, back, [tokenId, id]);
  await tx.query(
    `UPDATE installation SET left_at = NULL WHERE (token_id, id) IN (
       SELECT i.token_id, i.id FROM installation i LEFT JOIN device ON device.id = i.device_id
       WHERE ${back} ORDER BY i.token_id, i.id FOR UPDATE OF i)`,
    [tokenId, id],
  );
  await endInstallations(tx, core, {
    which: `i.token_id = $1 AND i.deployment_id = $2 AND i.left_at IS NULL
            AND (i.want = 'PRESENT' OR i.reason = 'RECLAIMED')`,
    parameters: [tokenId, id],
    onLeave: `'${OnLeave.UNINSTALL}'`,
    leaves: false,
  });
}

/** A device without a user that is through with leaving is a member all the same: one that cannot get the app. */
async function sayNoUser(tx: EntityManager, core: Core, { tokenId, id }: Deployment): Promise<void> {
  await tx.query(
    `WITH over AS (
       SELECT i.token_id, i.id FROM installation i JOIN present_member member ON member.device_id = i.device_id
       WHERE i.token_id = $1 AND i.deployment_id = $2 AND ${USERLESS_SQL}
         AND (i.state IN ('CANCELLED', 'REMOVED') OR i.state = 'FAILED' AND i.license_id IS NULL)
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i
     SET state = 'NOT_APPLICABLE', reason = 'NO_USER', detail = NULL, remedy = NULL, want = 'PRESENT', user_id = NULL,
         left_at = NULL, state_at = $3, handle = NULL, verify_at = NULL, next_look_at = NULL, deadline_at = NULL
     FROM over WHERE i.token_id = over.token_id AND i.id = over.id`,
    [tokenId, id, core.clock.now()],
  );
}

/** New rows for new devices, and another look at those that could not get the app, or were over. */
async function addDevices(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  const { tokenId, id, storeAppId, targetId } = deployment;
  const now = core.clock.now();
  const graceEnded = new Date(now.getTime() - core.clock.scaled(RECLAIM_GRACE_MS));
  await tx.query(
    `INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, user_id, want, state, reason,
                               license_id, next_look_at, deadline_at, state_at, queued_at, created_at)
     SELECT $1, $2, $3, $4, device_id, user_id, want, state, reason,
            CASE state WHEN 'REMOVING' THEN ${unusedLicenseSql("member")} END,
            CASE state WHEN 'REMOVING' THEN $5::timestamptz END, CASE state WHEN 'REMOVING' THEN $6::timestamptz END, $5, $5, $5
     FROM present_member member WHERE device_id IS NOT NULL ORDER BY device_id
     ON CONFLICT (token_id, deployment_id, device_id) WHERE device_id IS NOT NULL
     DO UPDATE SET state = excluded.state, reason = excluded.reason, want = excluded.want, user_id = excluded.user_id,
                   detail = NULL, remedy = NULL, state_at = excluded.state_at, queued_at = excluded.queued_at,
                   license_id = excluded.license_id, next_look_at = excluded.next_look_at,
                   deadline_at = excluded.deadline_at,
                   observed_state = CASE WHEN ${SEEN_LONG_AGO_SQL} THEN NULL ELSE installation.observed_state END,
                   observed_at = CASE WHEN ${SEEN_LONG_AGO_SQL} THEN NULL ELSE installation.observed_at END,
                   attempt = installation.attempt + CASE excluded.state WHEN 'REMOVING' THEN 1 ELSE 0 END
     WHERE installation.left_at IS NULL AND installation.want = excluded.want
       AND installation.state = ANY (CASE excluded.want WHEN 'PRESENT'
             THEN ARRAY['NOT_APPLICABLE', 'CANCELLED', 'REMOVED', 'SUPERSEDED'] ELSE ARRAY['NOT_APPLICABLE'] END)
       AND (installation.state, installation.reason) IS DISTINCT FROM (excluded.state, excluded.reason)
       AND NOT (installation.state = 'NOT_APPLICABLE' AND COALESCE(installation.reason, '') IN
                ('DEVICE_LIMIT', 'REGISTRATION_REFUSED', 'OPERATION_ABANDONED', 'SERVED_BY_OTHER_TOKEN', 'USER_LEFT'))`,
    [tokenId, storeAppId, id, targetId, now, core.clock.in(DEADLINES_MS.REMOVING ?? 0), graceEnded],
  );
}

/** A member that reached no device is one row, until a device of theirs takes its place. */
async function addUsersWithoutDevices(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  const { tokenId, id, storeAppId, targetId } = deployment;
  const now = core.clock.now();
  await tx.query(
    `INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, user_id, want, state, reason, state_at,
                               queued_at, created_at)
     SELECT $1, $2, $3, $4, user_id, want, state, reason, $5, $5, $5
     FROM present_member WHERE device_id IS NULL ORDER BY user_id
     ON CONFLICT (token_id, deployment_id, user_id) WHERE device_id IS NULL
     DO UPDATE SET state = excluded.state, want = excluded.want, state_at = excluded.state_at
     WHERE installation.state <> excluded.state`,
    [tokenId, storeAppId, id, targetId, now],
  );
  await tx.query(
    `UPDATE installation SET state = 'SUPERSEDED', state_at = $3
     WHERE token_id = $1 AND deployment_id = $2 AND state = 'NO_DEVICE'
       AND EXISTS (SELECT 1 FROM installation other WHERE other.token_id = $1 AND other.deployment_id = $2
                   AND other.user_id = installation.user_id AND other.device_id IS NOT NULL AND other.left_at IS NULL)`,
    [tokenId, id, now],
  );
}

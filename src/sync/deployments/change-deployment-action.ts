import type { EntityManager } from "typeorm";
import { Deployment, DeploymentAction } from "../../entities/deployment.js";
import { InstallationWant } from "../../entities/installation.js";
import { AppError } from "../../errors.js";
import { rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import { addJob } from "../jobs.js";
import { KEPT_SQL } from "./kept-sql.js";
import { refreshDeployment } from "./refresh-members.js";
import { releaseLicenses } from "./release-licenses.js";
import { DEADLINES_MS } from "./transitions.js";

/**
 * Turns a deployment from INSTALL to UNINSTALL or back, at any moment, in one statement however many devices: see "Flip" in
 * the design. The licence returns only when the removal is confirmed on the device. The same action again changes nothing.
 * @throws AppError NOT_FOUND.
 */
export async function changeDeploymentAction(
  tx: EntityManager,
  core: Core,
  key: TokenScopedKey,
  action: DeploymentAction,
  actor: string,
): Promise<void> {
  const deployment = await tx.findOne(Deployment, { where: { ...key }, lock: { mode: "pessimistic_write" } });
  if (!deployment)
    throw new AppError("NOT_FOUND", "There is no such deployment. Use an id that `deployments` returned.");
  if (deployment.action === action) return;
  // Of two deployments of one app that turn at the same moment, the second one has to see what the first has done.
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
    `deployment-action:${deployment.tokenId}:${deployment.storeAppId}`,
  ]);
  deployment.action = action;
  deployment.actionBy = actor;
  deployment.actionAt = core.clock.now();
  await tx.save(deployment);
  if (action === DeploymentAction.UNINSTALL) await flipToAbsent(tx, core, key);
  else await flipToPresent(tx, core, deployment);
  await addJob(tx, "advance-installations", { tokenId: key.tokenId });
  await addJob(tx, "apply-steps", { targetId: deployment.targetId });
}

/**
 * What has not begun is cancelled, a claim under way finishes and then returns, what another deployment keeps is left to
 * it, and everything else is removed; a target that was told before (attempt above 1) may have the app even where a
 * licence is being claimed anew.
 */
async function flipToAbsent(tx: EntityManager, core: Core, key: TokenScopedKey): Promise<void> {
  const left = await rows<{ license_id: string }>(
    tx,
    `WITH flip AS (
       SELECT token_id, id, state AS before, license_id,
              CASE WHEN state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED', 'REMOVAL_FAILED') AND ${KEPT_SQL}
                        THEN 'SUPERSEDED'
                   WHEN state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER') AND attempt > 1 THEN 'REMOVING'
                   WHEN state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER', 'NO_DEVICE', 'NOT_APPLICABLE',
                                  'SUPERSEDED') THEN 'CANCELLED'
                   WHEN state = 'FAILED' AND attempt = 1 THEN 'CANCELLED'
                   WHEN state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED', 'REMOVAL_FAILED') THEN 'REMOVING'
                   ELSE state END AS next
       FROM installation i WHERE token_id = $1 AND deployment_id = $2 AND want = 'PRESENT'
       ORDER BY token_id, id FOR UPDATE
     ), flipped AS (
       UPDATE installation i
       SET want = $3, generation = i.generation + 1, state = flip.next, reason = NULL, detail = NULL, remedy = NULL,
           state_at = CASE WHEN i.state = flip.next THEN i.state_at ELSE $4 END,
           license_id = CASE WHEN ends THEN NULL ELSE i.license_id END,
           attempt = i.attempt + CASE WHEN begins THEN 1 ELSE 0 END,
           handle = CASE WHEN begins OR ends THEN NULL ELSE i.handle END,
           next_look_at = CASE WHEN begins THEN $4 ELSE i.next_look_at END,
           deadline_at = CASE WHEN begins THEN $5 WHEN ends THEN NULL ELSE i.deadline_at END,
           verify_at = CASE WHEN begins OR ends THEN NULL ELSE i.verify_at END
       FROM flip, LATERAL (SELECT flip.next = 'REMOVING' AND flip.before <> 'REMOVING' AS begins,
                                  flip.next IN ('CANCELLED', 'SUPERSEDED') AS ends) AS step
       WHERE i.token_id = flip.token_id AND i.id = flip.id
       RETURNING flip.license_id, flip.next
     )
     SELECT DISTINCT license_id FROM flipped WHERE next = 'SUPERSEDED' AND license_id IS NOT NULL`,
    [key.tokenId, key.id, InstallationWant.ABSENT, core.clock.now(), core.clock.in(DEADLINES_MS.REMOVING ?? 0)],
  );
  await releaseLicenses(
    tx,
    core,
    key.tokenId,
    left.map((installation) => installation.license_id),
  );
}

/**
 * What is being removed settles first; a licence on its way back is awaited; what is gone, or could not be removed and has
 * no licence any more, is requested anew.
 */
async function flipToPresent(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  await tx.query(
    `WITH flip AS (
       SELECT i.token_id, i.id,
              CASE WHEN i.state <> 'REMOVAL_FAILED' THEN i.state
                   WHEN token.authority = 'TARGET' OR i.license_id IS NOT NULL THEN 'LICENSED'
                   ELSE 'REQUESTED' END AS next
       FROM installation i JOIN token ON token.id = i.token_id
       WHERE i.token_id = $1 AND i.deployment_id = $2 AND i.want = 'ABSENT' ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i
     SET want = $3, generation = i.generation + 1, reason = NULL, detail = NULL, remedy = NULL, state = flip.next,
         state_at = CASE WHEN i.state = 'REMOVAL_FAILED' THEN $4 ELSE i.state_at END,
         attempt = i.attempt + CASE WHEN i.state = 'REMOVAL_FAILED' THEN 1 ELSE 0 END,
         handle = CASE WHEN i.state = 'REMOVAL_FAILED' THEN NULL ELSE i.handle END,
         next_look_at = CASE WHEN i.state = 'REMOVAL_FAILED' THEN $4 ELSE i.next_look_at END,
         deadline_at = CASE WHEN i.state <> 'REMOVAL_FAILED' THEN i.deadline_at WHEN flip.next = 'LICENSED' THEN $5::timestamptz END
     FROM flip WHERE i.token_id = flip.token_id AND i.id = flip.id`,
    [
      deployment.tokenId,
      deployment.id,
      InstallationWant.PRESENT,
      core.clock.now(),
      core.clock.in(DEADLINES_MS.LICENSED ?? 0),
    ],
  );
  await refreshDeployment(tx, core, deployment);
}

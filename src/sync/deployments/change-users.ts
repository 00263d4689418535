import type { EntityManager } from "typeorm";
import { type Deployment, DeploymentLicensing } from "../../entities/deployment.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { heldByOtherSql } from "./former-license-sql.js";
import { releaseLicenses } from "./release-licenses.js";
import { DEADLINES_MS } from "./transitions.js";

/**
 * Where an installation goes whose device has another user now:
 * - it lets go of the former user's licence, but uses it until it has another one; a removal or a claim under way comes to
 *   its end first
 * - a product that claims licences itself is told anew, of the new user
 * - what hindered the former user need not hinder the new one
 * - where its licence does not hang on the user, that is all there is to it
 */
const CHANGED_SQL = `
  SELECT i.token_id, i.id, i.state AS before, i.license_id, i.former_license_id AS former, member.user_id,
         COALESCE(used.by_other, false) AND i.state NOT IN ('CLAIMING', 'RETURNING') AS parts,
         CASE WHEN i.state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED') AND used.by_other THEN 'REQUESTED'
              WHEN NOT $3 THEN NULL
              WHEN i.state IN ('LICENSED', 'INSTALLING', 'INSTALLED', 'FAILED') AND token.authority = 'TARGET' THEN 'LICENSED'
              WHEN i.state IN ('REQUESTED', 'WAITING_FOR_LICENSE', 'WAITING_FOR_USER')
                   OR i.state = 'FAILED' AND i.license_id IS NULL
                   OR i.state = 'NOT_APPLICABLE' AND i.reason IN ('DEVICE_LIMIT', 'REGISTRATION_REFUSED', 'OPERATION_ABANDONED', 'USER_LEFT')
                THEN 'REQUESTED'
         END AS next
  FROM installation i
  JOIN token ON token.id = i.token_id
  JOIN present_member member ON member.device_id = i.device_id
  LEFT JOIN LATERAL (
    SELECT ${heldByOtherSql("member.user_id")} AS by_other FROM license
    WHERE license.token_id = i.token_id AND license.id = i.license_id
  ) used ON true
  WHERE i.token_id = $1 AND i.deployment_id = $2 AND i.want = 'PRESENT' AND i.left_at IS NULL
    AND i.user_id IS DISTINCT FROM member.user_id
  ORDER BY i.token_id, i.id FOR UPDATE OF i`;

/**
 * Gives the installations of a deployment, which is locked, the present users of their devices: who has changed hands claims
 * or joins a licence for the new user, and lets go of the old one when it is there (`release-former`). Turns in the queue are
 * kept. Needs `present_member`, and comes after those who leave and come back.
 */
export async function changeUsers(tx: EntityManager, core: Core, deployment: Deployment): Promise<void> {
  const { tokenId, id, licensing } = deployment;
  await lockChanged(tx, tokenId, id);
  const changed = await rows<{ replaced: string | null }>(
    tx,
    `WITH changed AS MATERIALIZED (${CHANGED_SQL})
     UPDATE installation i
     SET user_id = changed.user_id, state = COALESCE(next, before),
         generation = i.generation + CASE WHEN next IS NOT NULL OR before = 'CLAIMING' THEN 1 ELSE 0 END,
         license_id = CASE WHEN parts THEN NULL ELSE i.license_id END,
         former_license_id = CASE WHEN parts THEN changed.license_id ELSE i.former_license_id END,
         attempt = i.attempt + CASE WHEN next = 'LICENSED' THEN 1 ELSE 0 END,
         reason = CASE WHEN next IS NOT NULL THEN NULL ELSE i.reason END,
         detail = CASE WHEN next IS NOT NULL THEN NULL ELSE i.detail END,
         remedy = CASE WHEN next IS NOT NULL THEN NULL ELSE i.remedy END,
         state_at = CASE WHEN next <> before THEN $4 ELSE i.state_at END,
         queued_at = CASE WHEN before IN ('FAILED', 'NOT_APPLICABLE') AND next = 'REQUESTED' THEN $4 ELSE i.queued_at END,
         handle = CASE WHEN next IS NOT NULL THEN NULL ELSE i.handle END,
         verify_at = CASE WHEN next IS NOT NULL THEN NULL ELSE i.verify_at END,
         next_look_at = CASE WHEN next IS NULL THEN i.next_look_at WHEN next = 'LICENSED' THEN $4 END,
         deadline_at = CASE WHEN next IS NULL THEN i.deadline_at WHEN next = 'LICENSED' THEN $5::timestamptz END
     FROM changed
     WHERE i.token_id = changed.token_id AND i.id = changed.id
     RETURNING CASE WHEN parts THEN former END AS replaced`,
    [tokenId, id, licensing === DeploymentLicensing.USER, core.clock.now(), core.clock.in(DEADLINES_MS.LICENSED ?? 0)],
  );
  await releaseLicenses(
    tx,
    core,
    tokenId,
    changed.flatMap(({ replaced }) => replaced ?? []),
  );
}

/** In a statement of its own, so that the next one sees what whoever held them has written, also of their licences. */
async function lockChanged(tx: EntityManager, tokenId: string, deploymentId: string): Promise<void> {
  await tx.query(
    `SELECT 1 FROM installation i JOIN present_member member ON member.device_id = i.device_id
     WHERE i.token_id = $1 AND i.deployment_id = $2 AND i.user_id IS DISTINCT FROM member.user_id
     ORDER BY i.token_id, i.id FOR UPDATE OF i`,
    [tokenId, deploymentId],
  );
}

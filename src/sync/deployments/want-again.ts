import type { EntityManager } from "typeorm";
import type { Core } from "../core.js";
import { DEADLINES_MS } from "./transitions.js";

/** As many devices as one user's licence serves (Apple; reference: apple-protocol 5.4), the one that comes back included. */
const OTHERS_PER_LICENSE = 4;

/**
 * Wants installations again, in one statement however many they are: what is being removed settles first, a licence on its
 * way back is awaited, what was left alone goes on as if it had never left, and what has failed begins anew, with the
 * licence it still has unless that serves five other devices by now. What is over is left to `refresh-members`.
 * @param which SQL about the installation `i` and its `device`, with `parameters`.
 */
export async function wantAgain(
  tx: EntityManager,
  core: Core,
  which: string,
  parameters: readonly unknown[],
): Promise<void> {
  const [now, deadline, others] = [1, 2, 3].map((ordinal) => `$${parameters.length + ordinal}`);
  await tx.query(
    `WITH again AS (
       SELECT i.token_id, i.id, i.state AS before, i.want,
              CASE WHEN i.state NOT IN ('REMOVAL_FAILED', 'FAILED') THEN i.state
                   WHEN token.authority = 'TARGET' OR i.license_id IS NOT NULL AND served.others <= ${others} THEN 'LICENSED'
                   ELSE 'REQUESTED' END AS next
       FROM installation i
       JOIN token ON token.id = i.token_id
       LEFT JOIN device ON device.id = i.device_id
       CROSS JOIN LATERAL (
         SELECT count(DISTINCT other.device_id) AS others FROM installation other
         WHERE other.token_id = i.token_id AND other.license_id = i.license_id AND other.device_id <> i.device_id
       ) served
       WHERE ${which} ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i
     SET want = 'PRESENT', left_at = NULL, state = next,
         generation = i.generation + CASE WHEN changes THEN 1 ELSE 0 END,
         reason = CASE WHEN changes THEN NULL ELSE i.reason END,
         detail = CASE WHEN changes THEN NULL ELSE i.detail END,
         remedy = CASE WHEN changes THEN NULL ELSE i.remedy END,
         state_at = CASE WHEN begins THEN ${now} ELSE i.state_at END,
         queued_at = CASE WHEN next = 'REQUESTED' THEN ${now} ELSE i.queued_at END,
         license_id = CASE WHEN next = 'REQUESTED' THEN NULL ELSE i.license_id END,
         attempt = i.attempt + CASE WHEN begins THEN 1 ELSE 0 END,
         handle = CASE WHEN begins THEN NULL ELSE i.handle END,
         verify_at = CASE WHEN begins THEN NULL ELSE i.verify_at END,
         next_look_at = CASE WHEN begins THEN ${now} ELSE i.next_look_at END,
         deadline_at = CASE WHEN NOT begins THEN i.deadline_at WHEN next = 'LICENSED' THEN ${deadline}::timestamptz END
     FROM again, LATERAL (SELECT next <> before AS begins, next <> before OR again.want = 'ABSENT' AS changes) step
     WHERE i.token_id = again.token_id AND i.id = again.id`,
    [...parameters, core.clock.now(), core.clock.in(DEADLINES_MS.LICENSED ?? 0), OTHERS_PER_LICENSE],
  );
}

import type { EntityManager } from "typeorm";
import type { Core } from "../../core.js";

const KEPT_MS = 7 * 86_400_000;

/** So many at once, so that nothing waits for a great clearance; the next sweep goes on. */
const AT_ONCE = 5_000;

/** Forgets what was read more than a week ago; each token's newest stays and shows when Apple last called. */
export async function forgetNotifications(tx: EntityManager, core: Core): Promise<void> {
  const before = new Date(core.clock.now().getTime() - core.clock.scaled(KEPT_MS));
  await tx.query(
    `DELETE FROM apple_notification WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM apple_notification old
       WHERE received_at < $1 AND read_at IS NOT NULL
         AND EXISTS (SELECT 1 FROM apple_notification newer WHERE newer.token_id = old.token_id AND newer.id > old.id)
       ORDER BY received_at LIMIT ${AT_ONCE}
     ))`,
    [before],
  );
}

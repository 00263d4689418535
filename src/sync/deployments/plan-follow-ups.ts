import type { EntityManager } from "typeorm";
import type { FollowUp } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { FIRST_LOOK_MS } from "./transitions.js";

/** Nobody asks a device more seldom than that, however long it has been telling the same. */
const LONGEST_PAUSE_MS = 6 * 60 * 60_000;

/** Nor about what has failed, and may come yet: until its deadline its licence stays. */
const LONGEST_PAUSE_AFTER_FAILURE_MS = 24 * 60 * 60_000;

/** A follow-up, and whether what came with it is news: another state than was known of the device. */
export type FollowUpHeard = FollowUp & { readonly isNews: boolean };

/**
 * Plans the looks that a target wishes for. After news a look comes as early as it is wished; as long as a device tells
 * the same, or nothing, each comes after twice the pause of the one before. One that is planned is not put off.
 */
export async function planFollowUps(
  tx: EntityManager,
  core: Core,
  targetId: string,
  followUps: readonly FollowUpHeard[],
): Promise<void> {
  if (followUps.length === 0) return;
  await tx.query(
    `WITH wish AS (
       SELECT i.token_id, i.id,
              GREATEST(look.after_ms, CASE WHEN look.is_news THEN 0
                WHEN i.state IN ('FAILED', 'REMOVAL_FAILED') THEN LEAST(2 * i.verify_pause_ms, $9) ELSE LEAST(2 * i.verify_pause_ms, $7) END) AS pause_ms
       FROM unnest($2::text[], $3::text[], $4::float8[], $5::boolean[]) AS look(handle, device, after_ms, is_news)
       JOIN holder_alias alias ON alias.target_id = $1 AND alias.external_id = look.device AND alias.device_id IS NOT NULL
       JOIN installation i ON i.target_id = $1 AND i.handle = look.handle AND i.device_id = alias.device_id
       WHERE i.state IN ('INSTALLING', 'REMOVING', 'REMOVAL_FAILED') OR i.state = 'FAILED' AND i.deadline_at IS NOT NULL
     )
     UPDATE installation i
     SET verify_at = $6::timestamptz + wish.pause_ms * interval '1 ms', verify_pause_ms = GREATEST(wish.pause_ms, $8)
     FROM wish
     WHERE i.token_id = wish.token_id AND i.id = wish.id
       AND (i.verify_at IS NULL OR i.verify_at > $6::timestamptz + wish.pause_ms * interval '1 ms')`,
    [
      targetId,
      followUps.map(({ handle }) => handle),
      followUps.map(({ device }) => device),
      followUps.map(({ afterMs }) => core.clock.scaled(afterMs)),
      followUps.map(({ isNews }) => isNews),
      core.clock.now(),
      core.clock.scaled(LONGEST_PAUSE_MS),
      core.clock.scaled(FIRST_LOOK_MS),
      core.clock.scaled(LONGEST_PAUSE_AFTER_FAILURE_MS),
    ],
  );
}

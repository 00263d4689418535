import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";

/** Ends the reservations whose time is over: they keep nothing since, and the queues of their tokens move on. */
export async function expireReservations(tx: EntityManager, core: Core): Promise<void> {
  const tokens = await rows<{ token_id: string }>(
    tx,
    `WITH expired AS (
       UPDATE reservation SET ended_at = until WHERE ended_at IS NULL AND until <= $1 RETURNING token_id
     )
     SELECT DISTINCT token_id FROM expired`,
    [core.clock.now()],
  );
  for (const { token_id: tokenId } of tokens) await addJob(tx, "license-installations", { tokenId });
}

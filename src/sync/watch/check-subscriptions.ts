import { AlertKind } from "../../entities/alert.js";
import { TokenAuthority, WRITABLE_HEALTH } from "../../entities/token.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { spreadTurn } from "../tokens/spread-turn.js";

/**
 * At the start, Apple may notify another PUBLIC_URL than ours, or with a secret of another ENCRYPTION_KEY: each token's
 * subscription is looked at. Without a PUBLIC_URL none is wanted, and nobody needs to hear that it does not work.
 */
export async function checkSubscriptions(core: Core): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    if (core.policy.publicUrl === null) {
      const off = AlertKind.NOTIFICATIONS_OFF;
      await tx.query("UPDATE alert SET cleared_at = $2 WHERE kind = $1 AND cleared_at IS NULL", [
        off,
        core.clock.now(),
      ]);
      return;
    }
    const tokens = await rows<{ id: string }>(
      tx,
      `SELECT id FROM token WHERE authority = '${TokenAuthority.SERVICE}' AND health_state = ANY($1) ORDER BY id`,
      [WRITABLE_HEALTH],
    );
    for (const { id } of tokens) {
      const at = spreadTurn(core, core.clock.now(), id, tokens.length);
      await addJob(tx, "subscribe-notifications", { tokenId: id }, at);
    }
  });
}

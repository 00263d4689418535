import type { EntityManager } from "typeorm";
import type { TokenScopedKey } from "../core.js";

/** A licence of nobody known, and who has become known here since. */
export interface FoundHolder extends TokenScopedKey {
  readonly deviceId: string | null;
  readonly appleUserId: string | null;
}

/** Links licences to their holders, each that has none yet and is not being changed; the holder stays as Apple spells it. */
export async function linkKnownHolders(tx: EntityManager, found: readonly FoundHolder[]): Promise<void> {
  await tx.query(
    `WITH linked AS (
       SELECT license.token_id, license.id, found.device_id, found.apple_user_id
       FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[]) AS found(token_id, id, device_id, apple_user_id)
       JOIN license ON license.token_id = found.token_id AND license.id = found.id
       WHERE license.ended_at IS NULL AND license.operation_id IS NULL
         AND license.device_id IS NULL AND license.apple_user_id IS NULL
       ORDER BY license.token_id, license.id FOR UPDATE OF license
     )
     UPDATE license SET device_id = linked.device_id, apple_user_id = linked.apple_user_id
     FROM linked WHERE license.token_id = linked.token_id AND license.id = linked.id`,
    [
      found.map(({ tokenId }) => tokenId),
      found.map(({ id }) => id),
      found.map(({ deviceId }) => deviceId),
      found.map(({ appleUserId }) => appleUserId),
    ],
  );
}

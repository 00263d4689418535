import type { EntityManager } from "typeorm";
import type { Core, TokenScopedKey } from "../core.js";
import { GONE_SQL } from "./ending-sql.js";
import { KEPT_SQL } from "./kept-sql.js";
import { DEADLINES_MS } from "./transitions.js";
import { unusedLicenseSql } from "./unused-license-sql.js";

/** SQL for whether the app of the installation `i` is being removed from its device. */
export const BEING_REMOVED_SQL = `EXISTS (
  SELECT 1 FROM installation other
  WHERE other.token_id = i.token_id AND other.store_app_id = i.store_app_id AND other.device_id = i.device_id
    AND other.state IN ('REMOVING', 'REMOVAL_FAILED'))`;

/**
 * Goes on with the uninstalls of an app that an install of another deployment has kept from removing it, where none does any
 * more and nobody else is removing it; the licence that was left there goes with it.
 */
export async function resumeRemovals(tx: EntityManager, core: Core, storeApp: TokenScopedKey): Promise<void> {
  await tx.query(
    `WITH free AS (
       SELECT i.token_id, i.id, ${unusedLicenseSql("i")} AS license_id
       FROM deployment d
       JOIN installation i ON i.token_id = d.token_id AND i.deployment_id = d.id AND i.state = 'SUPERSEDED'
       JOIN device ON device.id = i.device_id
       WHERE d.token_id = $1 AND d.store_app_id = $2 AND d.action = 'UNINSTALL' AND d.deleted_at IS NULL
         AND i.want = 'ABSENT' AND i.left_at IS NULL AND i.reason = 'KEPT_BY_INSTALL' AND NOT ${GONE_SQL}
         AND NOT ${KEPT_SQL}
         AND NOT ${BEING_REMOVED_SQL}
       ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i
     SET state = 'REMOVING', reason = NULL, license_id = free.license_id, generation = i.generation + 1,
         attempt = i.attempt + 1, state_at = $3, next_look_at = $3, deadline_at = $4
     FROM free WHERE i.token_id = free.token_id AND i.id = free.id`,
    [storeApp.tokenId, storeApp.id, core.clock.now(), core.clock.in(DEADLINES_MS.REMOVING ?? 0)],
  );
}

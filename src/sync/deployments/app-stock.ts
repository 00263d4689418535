import type { EntityManager } from "typeorm";
import { claimableSql } from "../../entities/store-app.js";
import { type Quota, quotasSql } from "../../queries/quotas.js";
import { row, rows } from "../../queries/sql.js";
import type { Core, TokenScopedKey } from "../core.js";
import type { AppStock } from "./free-for.js";

/**
 * What there is of an app now, and what is kept of it. The app is locked first: until this transaction ends nobody else
 * claims a licence of it or reserves any.
 */
export async function readAppStock(tx: EntityManager, core: Core, { tokenId, id }: TokenScopedKey): Promise<AppStock> {
  const parameters = [tokenId, id, core.clock.now()];
  const stock = await row<{ free: number }>(
    tx,
    `SELECT ${claimableSql("$3")} AS free FROM store_app app WHERE app.token_id = $1 AND app.id = $2 FOR NO KEY UPDATE`,
    parameters,
  );
  const quotas = await rows<Quota>(
    tx,
    `SELECT quota.* FROM store_app app CROSS JOIN LATERAL (${quotasSql("$3")}) AS quota
     WHERE app.token_id = $1 AND app.id = $2 ORDER BY quota."reservationId"`,
    parameters,
  );
  return { free: stock?.free ?? 0, quotas };
}

import type { EntityManager } from "typeorm";
import type { PlanStock } from "../../../entities/deployment-plan.js";
import { finite, type StoreApp } from "../../../entities/store-app.js";
import { row } from "../../../queries/sql.js";
import { type AppStock, freeFor } from "../free-for.js";

/** What changes when those ahead of a plan, and its members, have got what there is. */
export interface StockMove {
  /** Licences claimed; below zero, returned. */
  readonly claimed: number;
  /** Installations that begin to wait, less those that cease to. */
  readonly waiting: number;
  /** What is kept for others afterwards. */
  readonly quotas: AppStock["quotas"];
}

/** The stock of an app as it stands, seen by deployments to a collection. */
export async function planStock(
  tx: EntityManager,
  app: StoreApp,
  { quotas }: AppStock,
  collectionId: string,
): Promise<PlanStock> {
  const waiting = await row<{ count: number }>(
    tx,
    "SELECT count(*)::int AS count FROM installation WHERE token_id = $1 AND store_app_id = $2 AND state = 'WAITING_FOR_LICENSE'",
    [app.tokenId, app.id],
  );
  return {
    total: finite(app.totalCount),
    held: app.heldCount,
    free: app.freeCount,
    reservedForOthers: reservedForOthers(app.freeCount, quotas, collectionId),
    waiting: waiting?.count ?? 0,
  };
}

/** The same after that. */
export function afterMove(before: PlanStock, { claimed, waiting, quotas }: StockMove, collectionId: string): PlanStock {
  const free = before.free === null ? null : Math.max(before.free - claimed, 0);
  return {
    total: before.total,
    held: before.held + claimed,
    free,
    reservedForOthers: reservedForOthers(free, quotas, collectionId),
    waiting: before.waiting + waiting,
  };
}

function reservedForOthers(free: number | null, quotas: AppStock["quotas"], collectionId: string): number {
  if (free === null) return 0;
  return free - freeFor({ free, quotas }, collectionId);
}

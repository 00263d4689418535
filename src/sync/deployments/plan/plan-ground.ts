import type { EntityManager } from "typeorm";
import type { PlanStock } from "../../../entities/deployment-plan.js";
import type { Core } from "../../core.js";
import { readAppStock } from "../app-stock.js";
import type { AppStock } from "../free-for.js";
import { lockProduct } from "../lock-product.js";
import { type Deployable, requireDeployable, type WantedDeployment } from "../require-deployable.js";
import { planStock } from "./plan-stock.js";

/** What a plan stands on: one picture of the stock, and of what the deployment is about. */
export interface PlanGround extends Deployable {
  readonly wanted: WantedDeployment;
  readonly stock: AppStock;
  readonly stockBefore: PlanStock;
}

/**
 * Reads what a plan stands on. Until this transaction ends nobody is licensed for the app.
 * @throws AppError those of `requireDeployable`.
 */
export async function openPlan(tx: EntityManager, core: Core, wanted: WantedDeployment): Promise<PlanGround> {
  await lockProduct(tx, wanted.storeApp);
  const stock = await readAppStock(tx, core, wanted.storeApp);
  const deployable = await requireDeployable(tx, wanted, core.clock.now());
  const stockBefore = await planStock(tx, deployable.app, stock, wanted.collectionId);
  return { ...deployable, wanted, stock, stockBefore };
}

import { apnsFinding } from "../entities/apns-finding.js";
import { Collection } from "../entities/collection.js";
import type { Deployment } from "../entities/deployment.js";
import type { PlanWarning } from "../entities/deployment-plan.js";
import { StoreApp } from "../entities/store-app.js";
import { Target, type TargetFinding } from "../entities/target.js";
import { Token } from "../entities/token.js";
import { planWarnings } from "../sync/deployments/plan/plan-warnings.js";
import type { Context } from "./context.js";

/** What there is to know of a deployment that is made or changed, as far as whoever asks sees what it is about. */
export async function noticesOf(
  { core, loaders }: Context,
  { tokenId, storeAppId, targetId, collectionId, action }: Deployment,
): Promise<{ findings: TargetFinding[]; warnings: PlanWarning[] }> {
  const [app, token, target, collection] = await Promise.all([
    loaders.require(StoreApp, tokenId, storeAppId),
    loaders.require(Token, tokenId),
    loaders.find(Target, targetId),
    loaders.find(Collection, collectionId),
  ]);
  const now = core.clock.now();
  const finding = target && apnsFinding(target, now);
  const warnings = planWarnings({ action, app, token, target, collection }, null, now, core.policy);
  return { findings: finding ? [finding] : [], warnings };
}

import { DeploymentAction, DeploymentLicensing, DeploymentPurpose, OnLeave } from "../../../src/entities/deployment.js";
import { DeploymentPlan, PlanCertainty, PlanWarningCode } from "../../../src/entities/deployment-plan.js";
import { DeploymentPlanMember, PlannedLicense, PlanOutcome } from "../../../src/entities/deployment-plan-member.js";
import { InstallationReason } from "../../../src/entities/installation.js";
import type { Node } from "../../../src/entities/node.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";
import type { Inventory } from "./plant-inventory.js";

/** A plan that a deployment was made of, with a member. */
export async function plantPlan({ rows, dataSource }: SampleApi, inventory: Inventory): Promise<Node[]> {
  const { storeApp, target, collection, device, user } = inventory;
  const app = await rows.storeApp(inventory.token);
  const deployment = await rows.deployment(app, target, collection, { purpose: DeploymentPurpose.REQUIRED });
  const license = await rows.license(app, { deviceId: device.id });
  const stock = { total: 10, held: 3, free: 7, reservedForOthers: 0, waiting: 1 };
  const outcome = { outcome: PlanOutcome.REMOVE, reason: InstallationReason.NO_USER, license: PlannedLicense.RETURNS };
  const plan = await dataSource.manager.save(
    Object.assign(new DeploymentPlan(), {
      ...{ tokenId: storeApp.tokenId, storeAppId: storeApp.id, collectionId: collection.id, targetId: target.id },
      ...{ action: DeploymentAction.UNINSTALL, licensing: DeploymentLicensing.DEVICE, onLeave: OnLeave.KEEP },
      ...{ certainty: PlanCertainty.PREDICTED, stockBefore: stock, stockAfter: stock },
      ...{ outcomeCounts: [{ ...outcome, count: 1 }] },
      ...{ warnings: [{ code: PlanWarningCode.PREDICTED, message: "It is predicted." }], createdBy: "admin" },
      ...{ countsAt: MOMENT, lastSyncAt: MOMENT, holdersImportedAt: MOMENT, createdAt: MOMENT, expiresAt: MOMENT },
      ...{ usedAt: MOMENT, deploymentId: deployment.id },
    }),
  );
  const place = { tokenId: plan.tokenId, planId: plan.id, position: 1 };
  const member = { deviceId: device.id, userId: user.id, licenseId: license.id, ...outcome };
  await dataSource.manager.save(Object.assign(new DeploymentPlanMember(), place, member));
  return [app, deployment, license, plan];
}

import { Collection, CollectionKind, CollectionMember } from "../../../../src/entities/collection.js";
import {
  DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
  OnLeave,
} from "../../../../src/entities/deployment.js";
import { DeploymentPlan } from "../../../../src/entities/deployment-plan.js";
import { Target } from "../../../../src/entities/target.js";
import { createPlannedDeployment } from "../../../../src/sync/deployments/plan/create-planned-deployment.js";
import { planDeployment } from "../../../../src/sync/deployments/plan/plan-deployment.js";
import type { WantedDeployment } from "../../../../src/sync/deployments/require-deployable.js";
import { createDeploymentWorld, type DeploymentWorld } from "../deployment-world.js";

/** A deployment world whose app can be planned for collections of devices. */
export interface PlanWorld extends DeploymentWorld {
  /** A new collection of these devices. @returns what an install to it wants. */
  wish(devices: readonly string[], change?: Partial<WantedDeployment>): Promise<WantedDeployment>;
  join(wanted: WantedDeployment, device: string): Promise<void>;
  plan(wanted: WantedDeployment): Promise<DeploymentPlan>;
  /** The outcome of each member, with its reason and its licence, by serial number. */
  outcomes(plan: DeploymentPlan): Promise<Record<string, string>>;
  carryOut(plan: DeploymentPlan): Promise<string>;
  /** So many licences of the app are free. */
  stock(free: number): Promise<void>;
}

export async function createPlanWorld(): Promise<PlanWorld> {
  const world = await createDeploymentWorld();
  const { core, tokenId, storeAppId, targetId } = world;
  const { manager } = core.dataSource;
  await manager.update(Target, { id: targetId }, { apnsState: "VALID" as Target["apnsState"] });
  const join = async ({ collectionId }: WantedDeployment, deviceId: string) => {
    await manager.insert(CollectionMember, { collectionId, deviceId });
  };
  return {
    ...world,
    join,
    async wish(devices, change = {}) {
      const collectionId = core.clock.uuid();
      const name = `Planned ${collectionId}`;
      await manager.insert(Collection, {
        id: collectionId,
        name,
        kind: CollectionKind.DEVICE,
        addedAt: core.clock.now(),
      });
      const wanted: WantedDeployment = {
        storeApp: { tokenId, id: storeAppId },
        collectionId,
        targetId,
        action: DeploymentAction.INSTALL,
        purpose: DeploymentPurpose.REQUIRED,
        licensing: DeploymentLicensing.DEVICE,
        onLeave: OnLeave.KEEP,
        priority: 0,
        ...change,
      };
      for (const device of devices) await join(wanted, device);
      return wanted;
    },
    async plan(wanted) {
      const id = await core.dataSource.transaction((tx) => planDeployment(tx, core, wanted, "test"));
      return manager.findOneByOrFail(DeploymentPlan, { tokenId, id });
    },
    async outcomes({ id }) {
      const members = await world.read<{ serial: string; told: string }>(
        `SELECT device.serial, concat_ws(' ', member.outcome, member.reason, member.license) AS told
         FROM deployment_plan_member member JOIN device ON device.id = member.device_id WHERE member.plan_id = $1`,
        [id],
      );
      return Object.fromEntries(members.map(({ serial, told }) => [serial, told]));
    },
    carryOut: ({ id }) =>
      core.dataSource.transaction((tx) => createPlannedDeployment(tx, core, { tokenId, id }, "test")),
    async stock(free) {
      await world.read("UPDATE store_app SET total_count = held_count + $1::int, available_count = $1 WHERE id = $2", [
        free,
        storeAppId,
      ]);
    },
  };
}

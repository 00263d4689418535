import type { Deployment, OnLeave } from "../../../src/entities/deployment.js";
import { InstallationState as S } from "../../../src/entities/installation.js";
import type { Release, Step } from "../../../src/plugins/contract.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { deleteDeployment } from "../../../src/sync/deployments/delete-deployment.js";
import { releaseOrders } from "../../../src/sync/deployments/release-orders.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

/** A product that owns its tokens, takes every step, and ends what deployments have set up there. */
export interface ReleaseWorld extends DeploymentWorld {
  /** The steps that it was told, in their order. */
  readonly told: Step[];
  /** What it was told to end. */
  readonly released: Release[];
  apply(): Promise<void>;
  release(): Promise<void>;
  /** So much time passes at the product that devices which were told alone are known there by themselves. */
  anHourPasses(): Promise<unknown>;
  /** That something could not be ended there. */
  alerts(): Promise<{ message: string }[]>;
  /** A deployment to a collection of the product's own, called Pilots. */
  native(externalId?: string): Promise<Deployment>;
  /** @returns the installation of a new device. */
  installed(deployment: Deployment, serial: string, state?: S): Promise<string>;
  become(installation: string, state: S): Promise<void>;
  remove(deployment: Deployment, onLeave: OnLeave): Promise<unknown>;
}

/** The collection of a native deployment, as a release names it. */
export const WHOLE = { externalId: "group-1", name: "Pilots" };

export async function createReleaseWorld(): Promise<ReleaseWorld> {
  const world = await createDeploymentWorld("target");
  const { core, targetId } = world;
  const told: Step[] = [];
  const released: Release[] = [];
  world.connection.apply = async (steps) => {
    told.push(...steps);
    return steps.map(({ key }) => ({ key, outcome: "accepted", handle: `handle of ${key}` }));
  };
  world.connection.release = async (release) => void released.push(release);
  return {
    ...world,
    told,
    released,
    apply: () => applySteps(core, { targetId }),
    release: () => releaseOrders(core, { targetId }),
    anHourPasses: () =>
      world.read(
        "UPDATE standing_order SET handed_over_at = handed_over_at - interval '1 hour', next_attempt_at = next_attempt_at - interval '1 hour'",
      ),
    alerts: () =>
      world.read<{ message: string }>("SELECT message FROM alert WHERE kind = 'RELEASE_FAILED' AND cleared_at IS NULL"),
    async native(externalId = "group-1") {
      const made = await world.deployment();
      await world.read("UPDATE collection SET target_id = $2, external_id = $3, name = 'Pilots' WHERE id = $1", [
        made.collectionId,
        targetId,
        externalId,
      ]);
      return made;
    },
    installed: async ({ id }, serial, state = S.LICENSED) =>
      world.installation({ deploymentId: id, deviceId: await world.device(serial), state }),
    async become(id, state) {
      await world.read("UPDATE installation SET state = $2 WHERE id = $1", [id, state]);
    },
    remove: ({ tokenId, id }, onLeave) =>
      core.dataSource.transaction((tx) => deleteDeployment(tx, core, { tokenId, id }, { onLeave, actor: "test" })),
  };
}

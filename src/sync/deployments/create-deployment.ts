import type { EntityManager } from "typeorm";
import { Deployment } from "../../entities/deployment.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { createApplication } from "./create-application.js";
import { lockWishes } from "./lock-wishes.js";
import { refreshDeployment } from "./refresh-members.js";
import { requireDeployable, type WantedDeployment } from "./require-deployable.js";

/**
 * Creates a Deployment with one Installation a device, in this transaction; jobs do the rest.
 * @returns the Deployment's id.
 * @throws AppError those of `requireDeployable`.
 */
export async function createDeployment(
  tx: EntityManager,
  core: Core,
  wanted: WantedDeployment,
  actor: string,
): Promise<string> {
  const { storeApp, collectionId, targetId, action, purpose, licensing, onLeave, priority } = wanted;
  // Of two that are created at the same moment, the second one has to see the first.
  await tx.query("SELECT 1 FROM store_app WHERE token_id = $1 AND id = $2 FOR NO KEY UPDATE", [
    storeApp.tokenId,
    storeApp.id,
  ]);
  // Before the application, which who has this lock may wait for.
  await lockWishes(tx, [storeApp]);
  await requireDeployable(tx, wanted, core.clock.now());
  const applicationId = await createApplication(tx, core, wanted);
  const now = core.clock.now();
  const deployment = await tx.save(
    tx.create(Deployment, {
      tokenId: storeApp.tokenId,
      storeAppId: storeApp.id,
      collectionId,
      targetId,
      applicationId,
      action,
      purpose,
      licensing,
      onLeave,
      priority,
      createdBy: actor,
      createdAt: now,
      actionBy: actor,
      actionAt: now,
    }),
  );
  await refreshDeployment(tx, core, deployment);
  // Members that change at this moment are not seen here, and whoever changes them does not see this deployment yet.
  await addJob(tx, "refresh-members", { collectionId });
  return deployment.id;
}

import type { EntityManager } from "typeorm";
import { Deployment } from "../../entities/deployment.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import type { TokenScopedKey } from "../core.js";

/**
 * How a deployment is locked. `pessimistic_write` would conflict with the foreign-key checks of those who write its
 * installations: they would wait for the lock while its holder waits for their rows.
 */
export const DEPLOYMENT_LOCK = { mode: "for_no_key_update" } as const;

/**
 * Locks a deployment, deleted or not.
 * @throws AppError NOT_FOUND.
 */
export async function lockDeployment(tx: EntityManager, { tokenId, id }: TokenScopedKey): Promise<Deployment> {
  const deployment = await tx.findOne(Deployment, { where: { tokenId, id }, lock: DEPLOYMENT_LOCK });
  if (deployment) return deployment;
  throw new AppError("NOT_FOUND", "There is no such deployment. Use an id that `deployments` returned.");
}

/**
 * Locks a deployment that is to be changed.
 * @throws AppError NOT_FOUND; CONFLICT when it is deleted.
 */
export async function lockLivingDeployment(tx: EntityManager, key: TokenScopedKey): Promise<Deployment> {
  const deployment = await lockDeployment(tx, key);
  if (deployment.deletedAt === null) return deployment;
  throw new AppError("CONFLICT", "The deployment is deleted, and is only brought to its end. Create a new one.", {
    deploymentId: encodeGlobalId("Deployment", key.tokenId, key.id),
    deletedAt: deployment.deletedAt.toISOString(),
  });
}

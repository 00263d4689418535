import { Collection } from "../entities/collection.js";
import { DeploymentAction, DeploymentLicensing, DeploymentPurpose, OnLeave, PRIORITY } from "../entities/deployment.js";
import { StoreApp } from "../entities/store-app.js";
import { Target } from "../entities/target.js";
import { AppError } from "../errors.js";
import { requireId, requireTokenScopedKey } from "../queries/node-key.js";
import type { CreateDeploymentInput, PlanDeploymentInput } from "../schema/mutations/deployment-mutations.js";
import type { WantedDeployment } from "../sync/deployments/require-deployable.js";

/**
 * The deployment that an input describes, with what goes without saying.
 * @throws AppError INVALID_INPUT when the app, the collection or the target is not given; NOT_FOUND.
 */
export function wantedDeployment(input: CreateDeploymentInput | PlanDeploymentInput): WantedDeployment {
  const { storeApp, collection, target } = input;
  if (storeApp == null || collection == null || target == null) {
    throw new AppError(
      "INVALID_INPUT",
      "Without `planId`, a deployment needs all of `storeApp`, `collection` and `target`.",
    );
  }
  return {
    storeApp: requireTokenScopedKey(StoreApp, storeApp),
    collectionId: requireId(Collection, collection),
    targetId: requireId(Target, target),
    action: input.action ?? DeploymentAction.INSTALL,
    purpose: input.purpose ?? DeploymentPurpose.REQUIRED,
    licensing: input.licensing ?? DeploymentLicensing.USER,
    onLeave: input.onLeave ?? OnLeave.KEEP,
    priority: input.priority ?? PRIORITY.normal,
  };
}

/** @throws AppError INVALID_INPUT when anything that belongs to a plan is given beside it. */
export function refuseBesidePlan({ planId, idempotencyKey, ...fields }: CreateDeploymentInput): void {
  const given = Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [name]));
  if (given.length === 0) return;
  throw new AppError("INVALID_INPUT", "With `planId` the plan says everything. Leave the other fields out.", {
    fields: given,
  });
}

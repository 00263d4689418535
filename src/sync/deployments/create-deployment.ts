import type { EntityManager } from "typeorm";
import { Collection } from "../../entities/collection.js";
import {
  Deployment,
  type DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
} from "../../entities/deployment.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { ProductType, StoreApp } from "../../entities/store-app.js";
import { ApnsState, Target, USABLE_APNS } from "../../entities/target.js";
import { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import type { Core, TokenScopedKey } from "../core.js";
import { refuseFrozenToken, refuseRemovedToken } from "../tokens/refuse-frozen-token.js";
import { createApplication } from "./create-application.js";
import { refreshDeployment } from "./refresh-members.js";

export interface WantedDeployment {
  readonly storeApp: TokenScopedKey;
  readonly collectionId: string;
  readonly targetId: string;
  readonly action: DeploymentAction;
  readonly purpose: DeploymentPurpose;
  readonly licensing: DeploymentLicensing;
}

/**
 * Creates a Deployment with one Installation a device, in this transaction; jobs do the rest.
 * @returns the Deployment's id.
 * @throws AppError NOT_FOUND; PRECONDITION_FAILED (purpose, APNs, book, not device-assignable, two writers); CONFLICT when
 *   the same app goes to the same collection at the same target already, or the token is being removed; the token's own code when it may not write.
 */
export async function createDeployment(
  tx: EntityManager,
  core: Core,
  wanted: WantedDeployment,
  actor: string,
): Promise<string> {
  if (wanted.purpose !== DeploymentPurpose.REQUIRED) {
    throw new AppError(
      "PRECONDITION_FAILED",
      "Volume-purchased apps are always deployed as REQUIRED: a licence is claimed for each device, asked for or not.",
      { purpose: wanted.purpose },
    );
  }
  const collection = await tx.findOneBy(Collection, { id: wanted.collectionId });
  if (!collection)
    throw new AppError("NOT_FOUND", "There is no such collection. Use an id that `collections` returned.");
  const applicationId = await createApplication(tx, core, wanted);
  await refuseUnusableApp(tx, wanted);
  refuseWithoutPush(await tx.findOneByOrFail(Target, { id: wanted.targetId }));
  const token = await tx.findOneByOrFail(Token, { id: wanted.storeApp.tokenId });
  refuseRemovedToken(token);
  refuseFrozenToken(token);
  const deployment = await insert(tx, core, wanted, applicationId, actor);
  await refreshDeployment(tx, core, deployment);
  return deployment.id;
}

async function insert(
  tx: EntityManager,
  core: Core,
  wanted: WantedDeployment,
  applicationId: string,
  actor: string,
): Promise<Deployment> {
  const { collectionId, targetId, action, purpose, licensing } = wanted;
  const place = { tokenId: wanted.storeApp.tokenId, storeAppId: wanted.storeApp.id, collectionId, targetId };
  await tx.query("SELECT 1 FROM store_app WHERE token_id = $1 AND id = $2 FOR NO KEY UPDATE", [
    place.tokenId,
    place.storeAppId,
  ]);
  const existing = await tx.findOneBy(Deployment, place);
  if (existing) {
    throw new AppError(
      "CONFLICT",
      "This app goes to this collection at this target already. Change that deployment with `changeDeploymentAction`.",
      { deploymentId: encodeGlobalId("Deployment", existing.tokenId, existing.id), action: existing.action },
    );
  }
  const now = core.clock.now();
  return tx.save(
    tx.create(Deployment, {
      ...place,
      applicationId,
      action,
      purpose,
      licensing,
      createdBy: actor,
      createdAt: now,
      actionBy: actor,
      actionAt: now,
    }),
  );
}

async function refuseUnusableApp(tx: EntityManager, wanted: WantedDeployment): Promise<void> {
  const app = await tx.findOneByOrFail(StoreApp, wanted.storeApp);
  if (app.productType === ProductType.BOOK) {
    throw new AppError("PRECONDITION_FAILED", "A book cannot be deployed to devices: it is given to persons only.");
  }
  if (wanted.licensing === DeploymentLicensing.DEVICE && !app.deviceAssignable) {
    throw new AppError(
      "PRECONDITION_FAILED",
      "The developer does not allow licences of this app for devices. Deploy it with licensing USER.",
      { licensing: wanted.licensing },
    );
  }
}

function refuseWithoutPush(target: Target): void {
  if (USABLE_APNS.includes(target.apnsState)) return;
  const message =
    target.apnsState === ApnsState.UNCHECKED
      ? `Nobody knows yet whether "${target.name}" has a valid APNs certificate. Run \`checkTarget\` first.`
      : `"${target.name}" has no valid APNs certificate, and without one no device hears anything. Renew it there, then run \`checkTarget\`.`;
  throw new AppError("PRECONDITION_FAILED", message, { apnsState: target.apnsState });
}

import { type EntityManager, IsNull } from "typeorm";
import { apnsFinding } from "../../entities/apns-finding.js";
import { Collection } from "../../entities/collection.js";
import {
  Deployment,
  type DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
  type OnLeave,
} from "../../entities/deployment.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { ProductType, type StoreApp } from "../../entities/store-app.js";
import { ApnsState, type Target } from "../../entities/target.js";
import type { Token } from "../../entities/token.js";
import { AppError } from "../../errors.js";
import type { TokenScopedKey } from "../core.js";
import { refuseFrozenToken, refuseRemovedToken } from "../tokens/refuse-frozen-token.js";
import { refusePriority } from "./refuse-priority.js";
import { refuseReclaim } from "./refuse-reclaim.js";
import { requireAppAtTarget } from "./require-app-at-target.js";

export interface WantedDeployment {
  readonly storeApp: TokenScopedKey;
  readonly collectionId: string;
  readonly targetId: string;
  readonly action: DeploymentAction;
  readonly purpose: DeploymentPurpose;
  readonly licensing: DeploymentLicensing;
  readonly onLeave: OnLeave;
  /** Within the bounds of PRIORITY. */
  readonly priority: number;
}

/** What a deployment is about, as it was read. */
export interface Deployable {
  readonly app: StoreApp;
  readonly collection: Collection;
  readonly target: Target;
  readonly token: Token;
}

/**
 * What a deployment is about, if there may be one: the same for a plan and for the deployment itself.
 * @throws AppError INVALID_INPUT (priority); NOT_FOUND; PRECONDITION_FAILED (purpose, APNs, book, not device-assignable, two writers); CONFLICT when
 *   the same app goes to the same collection at the same target already, or the token is being removed; the token's own code
 *   when it may not write.
 */
export async function requireDeployable(tx: EntityManager, wanted: WantedDeployment, now: Date): Promise<Deployable> {
  if (wanted.purpose !== DeploymentPurpose.REQUIRED) {
    throw new AppError(
      "PRECONDITION_FAILED",
      "Volume-purchased apps are always deployed as REQUIRED: a licence is claimed for each device, asked for or not.",
      { purpose: wanted.purpose },
    );
  }
  refusePriority(wanted.priority);
  const collection = await tx.findOneBy(Collection, { id: wanted.collectionId });
  if (!collection)
    throw new AppError("NOT_FOUND", "There is no such collection. Use an id that `collections` returned.");
  const { app, target, token } = await requireAppAtTarget(tx, wanted);
  refuseUnusableApp(app, wanted);
  refuseWithoutPush(target, now);
  refuseRemovedToken(token);
  refuseFrozenToken(token);
  await refuseSecondDeployment(tx, wanted);
  return { app, collection, target, token };
}

function refuseUnusableApp(app: StoreApp, wanted: WantedDeployment): void {
  if (app.productType === ProductType.BOOK) {
    throw new AppError("PRECONDITION_FAILED", "A book cannot be deployed to devices: it is given to persons only.");
  }
  refuseReclaim(app, wanted.onLeave);
  if (wanted.licensing === DeploymentLicensing.DEVICE && !app.deviceAssignable) {
    throw new AppError(
      "PRECONDITION_FAILED",
      "The developer does not allow licences of this app for devices. Deploy it with licensing USER.",
      { licensing: wanted.licensing },
    );
  }
}

function refuseWithoutPush(target: Target, now: Date): void {
  if (target.apnsState === ApnsState.UNCHECKED) {
    throw new AppError(
      "PRECONDITION_FAILED",
      `Nobody knows yet whether "${target.name}" has a valid APNs certificate. Run \`checkTarget\` first.`,
      { apnsState: target.apnsState },
    );
  }
  const finding = apnsFinding(target, now);
  if (finding?.severity !== "error") return;
  throw new AppError("PRECONDITION_FAILED", [finding.message, finding.remedy].join(" "), {
    apnsState: finding.code === "APNS_MISSING" ? ApnsState.MISSING : ApnsState.EXPIRED,
  });
}

/** @throws AppError CONFLICT when the same app goes to the same collection at the same target already. */
async function refuseSecondDeployment(tx: EntityManager, wanted: WantedDeployment): Promise<void> {
  const { storeApp, collectionId, targetId } = wanted;
  const existing = await tx.findOneBy(Deployment, {
    tokenId: storeApp.tokenId,
    storeAppId: storeApp.id,
    collectionId,
    targetId,
    deletedAt: IsNull(),
  });
  if (!existing) return;
  throw new AppError(
    "CONFLICT",
    "This app goes to this collection at this target already. Change that deployment with `changeDeploymentAction`.",
    { deploymentId: encodeGlobalId("Deployment", existing.tokenId, existing.id), action: existing.action },
  );
}

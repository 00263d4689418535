import { DeploymentLicensing } from "../../../entities/deployment.js";
import { HolderKind } from "../../../entities/license.js";
import type { LicensingDecision } from "../decide-licensing.js";
import type { LicensingFacts } from "../licensing-facts.js";

/**
 * What an MDM that gives out licences itself will probably do: one for each device, or one for each user, and none where one
 * is known to be held already.
 */
export function predictLicensing(batch: readonly LicensingFacts[]): LicensingDecision[] {
  return batch.map((facts) => {
    if (facts.openLicenseId !== null) return { kind: "join", facts, licenseId: facts.openLicenseId };
    const isUser = facts.licensing === DeploymentLicensing.USER;
    const kind = isUser ? HolderKind.USER : HolderKind.DEVICE;
    const key = (isUser ? facts.userId : facts.serial) ?? facts.deviceId;
    return { kind: "claim", facts, need: { kind, key, deviceId: facts.deviceId, appleUserId: null } };
  });
}

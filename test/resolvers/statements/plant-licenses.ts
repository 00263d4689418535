import { type AppleOperation, AppleOperationState } from "../../../src/entities/apple-operation.js";
import type { AppleUser } from "../../../src/entities/apple-user.js";
import type { Deployment } from "../../../src/entities/deployment.js";
import { HolderKind, type License, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import type { Node } from "../../../src/entities/node.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";
import type { Inventory } from "./plant-inventory.js";

interface PlantedLicenses {
  /** Held by the device. */
  readonly used: License;
  readonly usedByPerson: License;
  /** What nothing uses, and the operations. */
  readonly nodes: readonly Node[];
}

/** Licences that a deployment has claimed, that have ended, that were abandoned, and that nothing wants. */
export async function plantLicenses(
  api: SampleApi,
  { device, storeApp }: Inventory,
  deployment: Deployment,
  appleUser: AppleUser,
): Promise<PlantedLicenses> {
  const { rows } = api;
  const operation = await rows.appleOperation(storeApp, {
    ...{ state: AppleOperationState.ABANDONED, abandonedBy: "admin", endedAt: MOMENT },
    ...{ eventId: "an event", lastError: "9602" },
  });
  const ofDevice = { deviceId: device.id, holderKey: `${device.serial}` };
  const claimed = {
    startCause: LicenseCause.DEPLOYMENT,
    startDeploymentId: deployment.id,
    startOperationId: operation.id,
  };
  const used = await rows.license(storeApp, { ...ofDevice, ...claimed, givenAt: MOMENT, givenBy: "admin" });
  const ended = await rows.license(storeApp, {
    ...{ ...ofDevice, ...claimed, state: LicenseState.ENDED, endedAt: MOMENT, endActor: "admin" },
    ...{ endCause: LicenseCause.DEPLOYMENT, endOperationId: operation.id, lastDeploymentId: deployment.id },
  });
  const usedByPerson = await rows.license(storeApp, {
    ...{ holderKind: HolderKind.USER, holderKey: appleUser.clientUserId, appleUserId: appleUser.id },
  });
  const abandoned = await rows.license(storeApp, { abandonedAt: MOMENT });
  const found = await rows.license(storeApp, { deviceId: (await rows.device()).id });
  await plantHolder(api, operation, used, appleUser);
  return { used, usedByPerson, nodes: [operation, ended, abandoned, found] };
}

async function plantHolder(
  { dataSource }: SampleApi,
  operation: AppleOperation,
  license: License,
  appleUser: AppleUser,
): Promise<void> {
  await dataSource.query(
    `INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, license_id, apple_user_id,
                                         outcome, error_number, detail, remedy)
     VALUES ($1, $2, 'DEVICE', $3, $4, $5, 'FAILED', 9602, 'Apple refused it.', 'Ask again.')`,
    [operation.tokenId, operation.id, license.holderKey, license.id, appleUser.id],
  );
}

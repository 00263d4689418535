import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import type { Application } from "../../../src/entities/application.js";
import { type Deployment, DeploymentAction } from "../../../src/entities/deployment.js";
import {
  type Installation,
  InstallationReason,
  InstallationState,
  InstallationWant,
} from "../../../src/entities/installation.js";
import type { License } from "../../../src/entities/license.js";
import type { Node } from "../../../src/entities/node.js";
import { MOMENT } from "../../http/sample-rows.js";
import type { SampleApi } from "../sample-api.js";
import type { Inventory } from "./plant-inventory.js";
import { plantLicenses } from "./plant-licenses.js";

interface Deployments {
  readonly installs: Deployment;
  readonly removes: Deployment;
  readonly waits: Deployment;
  readonly deleted: Deployment;
}

/** Deployments with installations in every situation of which a field tells, and the licences they use or have used. */
export async function plantInstallations(api: SampleApi, inventory: Inventory): Promise<Node[]> {
  const appleUser = await api.rows.appleUser(inventory.token, {
    ...{ userId: inventory.user.id, status: AppleUserStatus.REGISTERED, email: "person@example.com" },
    invitationUrl: "https://example.com/invitation",
  });
  const application = await api.rows.application(inventory.storeApp, inventory.target, {
    ...{ readyAt: MOMENT, lastError: "Refused once." },
  });
  const deployments = await plantDeployments(api, inventory, application);
  const { used, usedByPerson, ...others } = await plantLicenses(api, inventory, deployments.installs, appleUser);
  const installations = await plantUses(api, inventory, deployments, { used, usedByPerson });
  return [appleUser, application, ...Object.values(deployments), used, usedByPerson, ...others.nodes, ...installations];
}

async function plantDeployments(
  { rows }: SampleApi,
  inventory: Inventory,
  { id: applicationId }: Application,
): Promise<Deployments> {
  const { target, storeApp, collection } = inventory;
  const more = async (own: Partial<Deployment>) =>
    rows.deployment(storeApp, target, await rows.collection(), { applicationId, ...own });
  return {
    installs: await rows.deployment(storeApp, target, collection, { applicationId }),
    removes: await more({ action: DeploymentAction.UNINSTALL }),
    waits: await more({ priority: 5 }),
    deleted: await more({ deletedAt: MOMENT, deletedBy: "admin" }),
  };
}

async function plantUses(
  { rows }: SampleApi,
  { device, user, storeApp, collection }: Inventory,
  { installs, removes, waits, deleted }: Deployments,
  { used, usedByPerson }: { readonly used: License; readonly usedByPerson: License },
): Promise<Installation[]> {
  const told = { detail: "It takes long.", remedy: "Wait.", observedState: "seen", observedAt: MOMENT };
  const onDevice = { deviceId: device.id, userId: user.id };
  const ofPerson = { deviceId: null, userId: user.id };
  const { id: waitingDevice } = await rows.device();
  await rows.reservation(storeApp, collection, { count: 5 });
  return [
    await rows.installation(installs, {
      ...{ ...onDevice, ...told, licenseId: used.id, state: InstallationState.INSTALLING, remindedAt: MOMENT },
    }),
    await rows.installation(waits, { ...onDevice, licenseId: usedByPerson.id, state: InstallationState.INSTALLING }),
    await rows.installation(removes, {
      ...{ ...onDevice, want: InstallationWant.ABSENT, state: InstallationState.CANCELLED },
      reason: InstallationReason.KEPT_BY_INSTALL,
    }),
    await rows.installation(installs, {
      ...{ deviceId: waitingDevice, state: InstallationState.WAITING_FOR_LICENSE },
      reason: InstallationReason.OUT_OF_STOCK,
    }),
    await rows.installation(deleted, {
      ...{ ...onDevice, state: InstallationState.REMOVED, reason: InstallationReason.RECLAIMED, leftAt: MOMENT },
      stateAt: new Date(MOMENT.getTime() + 60_000),
    }),
    // Taken from under an app that is wanted, which has not left.
    await rows.installation(waits, {
      ...{ deviceId: (await rows.device()).id, state: InstallationState.FAILED },
      ...{ reason: InstallationReason.RECLAIMED, stateAt: new Date(MOMENT.getTime() + 120_000) },
    }),
    await rows.installation(waits, {
      ...{ ...ofPerson, state: InstallationState.WAITING_FOR_USER, reason: InstallationReason.INVITATION_OPEN },
    }),
    // Shows the app, and nobody has a licence.
    await rows.installation(waits, {
      ...{ deviceId: (await rows.device()).id, state: InstallationState.INSTALLED },
      ...{ observedState: "installed", observedAt: MOMENT },
    }),
  ];
}

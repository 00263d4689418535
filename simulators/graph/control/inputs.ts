import { z } from "zod";
import { InputError } from "../../input-error.js";
import type { Group, ManagedDevice, MobileApp, VppToken } from "../model.js";
import type { World } from "../world.js";

const name = z.string().min(1);

/** Names a device by its Intune id, its serial number or its name. */
export const deviceInput = { device: name };
/** Names an app by its id, adamId or name; of several with one adamId the first. */
export const appInput = { app: name };
/** Names a group by its id or its name. */
export const groupInput = { group: name };
/** Names a token by its id or its name; the first one if left out. */
export const tokenInput = { token: name.optional() };

/** @throws InputError if there is no such device; so do the others. */
export function requireDevice({ devices }: World, { device }: { device: string }): ManagedDevice {
  return required(
    [...devices.values()].find(({ id, serialNumber, deviceName }) => [id, serialNumber, deviceName].includes(device)),
    "device",
    device,
  );
}

export function requireApp({ apps }: World, { app }: { app: string }): MobileApp {
  return required(
    [...apps.values()].find(({ id, adamId, displayName }) => [id, adamId, displayName].includes(app)),
    "app",
    app,
  );
}

export function requireGroup({ groups }: World, { group }: { group: string }): Group {
  return required(
    [...groups.values()].find(({ id, displayName }) => [id, displayName].includes(group)),
    "group",
    group,
  );
}

export function requireToken({ tokens }: World, { token }: { token?: string | undefined }): VppToken {
  const all = [...tokens.values()];
  return required(
    token === undefined ? all[0] : all.find(({ id, displayName }) => [id, displayName].includes(token)),
    "token",
    token ?? "(the first)",
  );
}

function required<Found>(found: Found | undefined, what: string, wanted: string): Found {
  if (found === undefined) throw new InputError(`There is no ${what} "${wanted}".`);
  return found;
}

import type { AssignedLicense, ManagedDevice, MobileApp } from "./model.js";
import type { World } from "./world.js";

/** How many devices one user's license serves. */
const DEVICES_OF_A_USER = 5;

/** The license by which a device may have the app: its own, or its user's. */
export function licenseFor(app: MobileApp, device: ManagedDevice): AssignedLicense | undefined {
  return (
    app.licenses.get(`device:${device.id}`) ??
    (device.userId === "" ? undefined : app.licenses.get(`user:${device.userId}`))
  );
}

/**
 * Sees to a license of that kind for a device, taking one if it must. A user's may become the device's; never the other
 * way round.
 * @returns false when none is left.
 */
export function givePlace(world: World, app: MobileApp, device: ManagedDevice, kind: "user" | "device"): boolean {
  if (app.licenses.has(`device:${device.id}`)) return true;
  const ofUser = app.licenses.get(`user:${device.userId}`);
  if (kind === "user" && ofUser)
    return devicesOf(world, app, device.userId) < DEVICES_OF_A_USER || app.installed.has(device.id);
  if (kind === "device" && ofUser && devicesOf(world, app, device.userId) <= 1 && app.installed.has(device.id)) {
    app.licenses.delete(`user:${device.userId}`);
  }
  if (app.licenses.size >= app.total) return false;
  const key = kind === "device" ? `device:${device.id}` : `user:${device.userId}`;
  app.licenses.set(key, {
    id: world.random.uuid(),
    kind,
    userId: device.userId,
    managedDeviceId: kind === "device" ? device.id : null,
  });
  return true;
}

/** The device's own license goes; a user's stays while another device of theirs has the app by it. */
export function returnLicense(world: World, app: MobileApp, device: ManagedDevice): void {
  app.licenses.delete(`device:${device.id}`);
  if (device.userId === "") return;
  const isInUse = [...app.installed].some(
    (id) => id !== device.id && world.devices.get(id)?.userId === device.userId && !app.licenses.has(`device:${id}`),
  );
  if (!isInUse) app.licenses.delete(`user:${device.userId}`);
}

function devicesOf(world: World, app: MobileApp, userId: string): number {
  return [...app.installed].filter((id) => world.devices.get(id)?.userId === userId).length;
}

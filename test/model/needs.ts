import type { Deployment } from "./deployment.js";
import type { Place, World } from "./world.js";

/** How many devices one user's licence serves. */
export const DEVICES_PER_USER = 5;

/** The deployments that want this app on this device now. A device that its MDM has given up is none any more. */
export function wishesFor(world: World, app: string, device: string): Deployment[] {
  if (world.devices.get(device)?.state !== "enrolled") return [];
  return world.deployments.filter(
    (one) =>
      one.app === app && !one.deleted && one.action === "INSTALL" && world.reached(one.collection).includes(device),
  );
}

/** Whether a deployment that this device has left, or that is deleted, lets things be as they are, or takes the licence alone. */
export function leftUnder(world: World, onLeave: Deployment["onLeave"], app: string, device: string): boolean {
  const isGone = world.devices.get(device)?.state !== "enrolled";
  return world.deployments.some(
    (one) =>
      one.app === app &&
      one.onLeave === onLeave &&
      one.everReached.has(device) &&
      (one.deleted || isGone || !world.reached(one.collection).includes(device)),
  );
}

/** Whether any deployment ever wanted the app on this device. */
export function everWished(world: World, app: string, device: string): boolean {
  return world.deployments.some((one) => one.app === app && one.everReached.has(device));
}

/** Whether the device is there and does not do what it is told: what is on it stays, and so does the licence. */
export function isStubborn(world: World, device: string): boolean {
  const found = world.devices.get(device);
  return found !== undefined && found.state === "enrolled" && found.manner !== "good";
}

/** Whether a wish for this device finds its licence there: the device's own, or its person's if a wish is for that. */
export function isServed(world: World, licenses: readonly Place[], app: string, device: string): boolean {
  if (hasOwn(licenses, app, device)) return true;
  const isForPerson = wishesFor(world, app, device).some(({ licensing }) => licensing === "USER");
  return isForPerson && isPersons(world, licenses, app, device);
}

/**
 * Whether the app may be on this device by its person's licence, which another wish was for: who comes second goes by the
 * licence that the app is there by, and by no other of the person's.
 */
export function mayGoOn(world: World, licenses: readonly Place[], app: string, device: string): boolean {
  const wasForPerson = (one: Deployment) => one.app === app && one.licensing === "USER" && one.everReached.has(device);
  return world.deployments.some(wasForPerson) && isPersons(world, licenses, app, device);
}

function isPersons(world: World, licenses: readonly Place[], app: string, device: string): boolean {
  const owner = world.devices.get(device)?.user ?? null;
  return licenses.some((place) => place.app === app && place.kind === "USER" && place.holder === owner);
}

export function hasOwn(licenses: readonly Place[], app: string, device: string): boolean {
  return licenses.some((place) => place.app === app && place.kind === "DEVICE" && place.holder === device);
}

/** Whether these licences let the app run on the device: its own, or one of a person who has or had it. */
export function isCovered(world: World, licenses: readonly Place[], app: string, device: string): boolean {
  return licenses.some((place) => {
    if (place.app !== app) return false;
    return place.kind === "DEVICE" ? place.holder === device : world.owners.get(device)?.has(place.holder);
  });
}

/** Why a wish for this device must stay open although everything works; null when nothing stands in its way but stock. */
export function obstacle(world: World, app: string, device: string): string | null {
  const wishes = wishesFor(world, app, device);
  if (wishes.some(({ licensing }) => licensing === "DEVICE")) return null;
  const owner = world.devices.get(device)?.user ?? null;
  if (owner === null) return "NO_USER";
  const user = world.users.get(owner);
  if (user?.account === "refused") return "REGISTRATION_REFUSED";
  if (user?.account === "none" && !user.accepted) return "INVITATION_OPEN";
  const others = [...world.devices].filter(
    ([name, { user }]) => user === owner && wishesFor(world, app, name).length > 0,
  );
  return others.length > DEVICES_PER_USER ? "DEVICE_LIMIT" : null;
}

import { nameOf } from "./judge-agreement.js";
import { everWished, hasOwn, isStubborn, leftUnder, obstacle, wishesFor } from "./needs.js";
import type { Installed, Seen } from "./seen.js";
import type { Place, World } from "./world.js";

/** Every licence that is held is held for something, and no two for the same; what was given by hand is there. */
export function judgeLicenses(world: World, { apple: { licenses, room }, mdm }: Seen): string[] {
  const faults = licenses
    .filter((place) => !isJustified(world, place))
    .map((place) => `${nameOf(place)} is used by nobody`);
  for (const place of licenses) {
    if (place.kind === "USER" && !mayRemain(world, place) && devicesServed(world, licenses, place).length === 0) {
      faults.push(`${nameOf(place)} is held, though each device of theirs that wants it has a licence of its own`);
    }
  }
  for (const place of licenses) {
    if (!mayRemain(world, place) || !isInVain(world, mdm.installed, place)) continue;
    faults.push(`${nameOf(place)} is held for a device that has not answered for weeks`);
  }
  for (const place of world.assigned) {
    const [app = "", device = ""] = place.split(" ");
    if (!hasOwn(licenses, app, device) && !world.taken.has(place) && (room.get(app) ?? 0) > 0)
      faults.push(`${app} was given to ${device} by hand, and is lost`);
  }
  return faults;
}

function isJustified(world: World, place: Place): boolean {
  if (mayRemain(world, place)) return true;
  return devicesOf(world, place).some((device) => wishesFor(world, place.app, device).length > 0);
}

/** Whether a licence that nobody wants may be there all the same. */
function mayRemain(world: World, { app, kind, holder }: Place): boolean {
  if (world.apps.get(app)?.revocable === false) return true;
  if (kind === "DEVICE" && world.given.has(`${app} ${holder}`)) return true;
  if (kind === "DEVICE" && world.assigned.has(`${app} ${holder}`)) return true;
  const devices =
    kind === "DEVICE" ? [holder] : [...world.devices.keys()].filter((one) => world.owners.get(one)?.has(holder));
  return devices.some(
    (device) =>
      leftUnder(world, "KEEP", app, device) ||
      (isStubborn(world, device) && everWished(world, app, device)) ||
      (kind === "USER" && isHinderedHeir(world, app, device, holder)),
  );
}

/** Whether somebody else has the person's device now and cannot have the app for it yet, which goes on by the former licence. */
function isHinderedHeir(world: World, app: string, device: string, holder: string): boolean {
  if (world.devices.get(device)?.user === holder) return false;
  return wishesFor(world, app, device).length > 0 && obstacle(world, app, device) !== null;
}

/**
 * Whether a licence of a device is held for an install alone that has failed, or of which nothing was heard. For a removal of
 * which nothing was heard it stays: a silent device never counts as one that has removed the app.
 */
function isInVain(world: World, installed: readonly Installed[], { app, kind, holder }: Place): boolean {
  const place = `${app} ${holder}`;
  if (kind === "USER" || world.given.has(place) || world.assigned.has(place)) return false;
  if (world.apps.get(app)?.revocable === false || !isStubborn(world, holder)) return false;
  const isThere = installed.some((one) => one.app === app && one.device === holder);
  if (isThere || leftUnder(world, "KEEP", app, holder) || mayBeRemoved(world, app, holder)) return false;
  return wishesFor(world, app, holder).length > 0;
}

/** Whether a deployment may have told the device to remove the app. */
function mayBeRemoved(world: World, app: string, device: string): boolean {
  if (leftUnder(world, "UNINSTALL", app, device)) return true;
  return world.deployments.some((one) => one.app === app && one.action === "UNINSTALL" && one.everReached.has(device));
}

/** The devices of the holder today. */
function devicesOf(world: World, { kind, holder }: Place): string[] {
  if (kind === "DEVICE") return [holder];
  return [...world.devices].flatMap(([device, { user }]) => (user === holder ? device : []));
}

/** Those of a person's devices that want the app and have no licence of their own. */
function devicesServed(world: World, licenses: readonly Place[], place: Place): string[] {
  return devicesOf(world, place).filter(
    (device) =>
      wishesFor(world, place.app, device).length > 0 &&
      // What another MDM gives a device that has a licence already is not our doing.
      (!hasOwn(licenses, place.app, device) || world.given.has(`${place.app} ${device}`)),
  );
}

import { nameOf } from "./judge-agreement.js";
import { everWished, isStubborn, leftUnder, wishesFor } from "./needs.js";
import type { Seen } from "./seen.js";
import type { Place, World } from "./world.js";

/** Every licence that is held is held for something, and no two for the same; what was given by hand is there. */
export function judgeLicenses(world: World, { apple: { licenses, room } }: Seen): string[] {
  const faults = licenses
    .filter((place) => !isJustified(world, place))
    .map((place) => `${nameOf(place)} is used by nobody`);
  for (const place of licenses) {
    if (place.kind === "USER" && !mayRemain(world, place) && devicesServed(world, licenses, place).length === 0) {
      faults.push(`${nameOf(place)} is held, though each device of theirs that wants it has a licence of its own`);
    }
  }
  for (const place of world.assigned) {
    const [app = "", device = ""] = place.split(" ");
    const isThere = licenses.some((one) => one.app === app && one.kind === "DEVICE" && one.holder === device);
    if (!isThere && !world.taken.has(place) && (room.get(app) ?? 0) > 0)
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
    (device) => leftUnder(world, "KEEP", app, device) || (isStubborn(world, device) && everWished(world, app, device)),
  );
}

/** The devices of the holder today. */
function devicesOf(world: World, { kind, holder }: Place): string[] {
  if (kind === "DEVICE") return [holder];
  return [...world.devices].flatMap(([device, { user }]) => (user === holder ? device : []));
}

/** Those of a person's devices that want the app and have no licence of their own. */
function devicesServed(world: World, licenses: readonly Place[], place: Place): string[] {
  return devicesOf(world, place).filter((device) => {
    const isOwn = (one: Place) => one.app === place.app && one.kind === "DEVICE" && one.holder === device;
    return wishesFor(world, place.app, device).length > 0 && !licenses.some(isOwn);
  });
}

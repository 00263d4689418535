import { isServed, isStubborn, mayGoOn, obstacle, wishesFor } from "./needs.js";
import type { Seen } from "./seen.js";
import type { World } from "./world.js";

/** Who wants an app has a licence and the app, unless none is free or something outside stands in the way. */
export function judgeNeeds(world: World, { apple: { licenses, room }, mdm }: Seen): string[] {
  const faults: string[] = [];
  const installed = new Set(mdm.installed.map(({ app, device }) => `${app} ${device}`));
  for (const app of world.apps.keys()) {
    for (const device of world.devices.keys()) {
      if (wishesFor(world, app, device).length === 0 || isStubborn(world, device)) continue;
      // A licence of the device's own may have come late, where only a person's was asked for: then somebody has to retry.
      if (obstacle(world, app, device) !== null) continue;
      const isThere = installed.has(`${app} ${device}`);
      if (isServed(world, licenses, app, device)) {
        if (!isThere) faults.push(`${device} has a licence of ${app}, and not the app`);
      } else if ((room.get(app) ?? 0) > 0 && !(isThere && mayGoOn(world, licenses, app, device))) {
        faults.push(`${device} wants ${app} and has none, though ${room.get(app)} are free`);
      }
    }
  }
  return faults;
}

import { isCovered, isStubborn, leftUnder, wishesFor } from "./needs.js";
import type { Seen } from "./seen.js";
import type { World } from "./world.js";

/** No app is on a device where nobody wants it, and none without a licence. */
export function judgeDevices(world: World, { apple: { licenses }, mdm }: Seen): string[] {
  const faults: string[] = [];
  for (const { app, device } of mdm.installed) {
    const mayStay = leftUnder(world, "KEEP", app, device) || isStubborn(world, device);
    const isReclaimed = leftUnder(world, "RECLAIM", app, device);
    if (wishesFor(world, app, device).length === 0 && !mayStay && !isReclaimed) {
      faults.push(`${app} is on ${device}, and nobody wants it there`);
    }
    if (!isReclaimed && !world.taken.has(`${app} ${device}`) && !isCovered(world, licenses, app, device)) {
      faults.push(`${app} is on ${device} without a licence`);
    }
  }
  return faults;
}

import { judgeAgreement } from "./judge-agreement.js";
import { judgeDevices } from "./judge-devices.js";
import { judgeInstallations } from "./judge-installations.js";
import { judgeLedger } from "./judge-ledger.js";
import { judgeLicenses } from "./judge-licenses.js";
import { judgeLimits } from "./judge-limits.js";
import { judgeNeeds } from "./judge-needs.js";
import type { Seen } from "./seen.js";
import type { World } from "./world.js";

/** Where Apple, the MDM and the service, all at rest, are not as the rules of the design want them; nothing if they are. */
export function judge(world: World, seen: Seen): string[] {
  return [
    judgeAgreement,
    judgeLicenses,
    judgeNeeds,
    judgeLimits,
    judgeDevices,
    judgeInstallations,
    judgeLedger,
  ].flatMap((rule) => rule(world, seen));
}

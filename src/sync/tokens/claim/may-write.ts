import { WRITABLE_HEALTH } from "../../../entities/token.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { locationOf } from "../health-from-config.js";
import { compareLocation } from "./compare-location.js";
import { type LocationFacts, readLocationFacts } from "./location-facts.js";

/**
 * Whether something may be sent to Apple that changes something there (rule 7). What Apple last told this process of the
 * location is compared with the database as it is now, which may have been put back since; a process that Apple has told
 * nothing yet asks first, so that writes stay closed until both agree.
 * @throws AppleError when Apple must be asked, and cannot be.
 */
export async function mayWrite(core: Core, access: AppleAccess): Promise<boolean> {
  const { tokenId } = access;
  const seen = core.seenLocations.get(tokenId);
  if (!seen?.told && !isOpen(await readLocationFacts(core.dataSource, tokenId))) return false;
  const told = seen?.told ? seen : locationOf(await core.apple.clientConfig(access));
  const comparison = await compareLocation(core, access, told);
  return comparison?.verdict === "agrees" && isOpen(comparison.facts);
}

function isOpen(facts: LocationFacts | null): boolean {
  return facts !== null && facts.distrustedAt === null && WRITABLE_HEALTH.includes(facts.state);
}

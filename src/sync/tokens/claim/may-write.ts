import { WRITABLE_HEALTH } from "../../../entities/token.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { locationOf } from "../health-from-config.js";
import { compareLocation, readFacts } from "./compare-location.js";
import { judgeLocation } from "./judge-location.js";
import type { LocationFacts } from "./location-facts.js";

/**
 * Whether something may be sent to Apple that changes something there (rule 7). What Apple last told this process of the
 * location is compared with the database as it is now, which may have been put back since. It may as well be that Apple
 * has been told otherwise since, by another process: so unless both agree, Apple is asked, and nothing is concluded before.
 * @throws AppleError when Apple must be asked, and cannot be.
 */
export async function mayWrite(core: Core, access: AppleAccess): Promise<boolean> {
  const { tokenId } = access;
  const facts = await readFacts(core, tokenId);
  if (!isOpen(facts)) return false;
  const seen = core.seenLocations.get(tokenId);
  if (seen?.told && judgeLocation(facts, seen) === "agrees") return true;
  const comparison = await compareLocation(core, access, locationOf(await core.apple.clientConfig(access)));
  return comparison?.verdict === "agrees" && isOpen(comparison.facts);
}

function isOpen(facts: LocationFacts | null): facts is LocationFacts {
  return facts !== null && facts.distrustedAt === null && WRITABLE_HEALTH.includes(facts.state);
}

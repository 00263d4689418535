import { TokenHealthState } from "../../../entities/token.js";
import type { AppleAccess, ClientConfig } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import type { HealthFinding } from "../change-health.js";
import { locationOf } from "../health-from-config.js";
import { compareLocation, faultOf } from "./compare-location.js";
import { unreadHealth } from "./distrust-database.js";
import { intendClaim, ourClaim } from "./intend-claim.js";
import { judgeLocation } from "./judge-location.js";
import { type LocationFacts, readLocationFacts } from "./location-facts.js";

/** How a location stands after Apple was asked, and our claim written where it had to be. */
export interface SettledClaim {
  readonly config: ClientConfig;
  /** Why the token may not write; null when it may, as far as claims go. */
  readonly fault: HealthFinding | null;
  /** Ours stands where another instance's did, which may have written until then. */
  readonly overtook: boolean;
}

/**
 * Writes our claim over the location unless it stands there already, another's does, the database is not trusted, or an
 * admin has paused the token. A token that was found to be read-only has to prove by its claim that it may write: reading proves nothing.
 * @returns null when the token is gone.
 * @throws AppleError `retryable` when Apple accepts the claim without showing it.
 */
export async function settleClaim(core: Core, access: AppleAccess, config: ClientConfig): Promise<SettledClaim | null> {
  const before = await judge(core, access, config);
  if (before === null) return null;
  const { facts, fault } = before;
  if (fault !== null || isClosed(facts) || stands(facts, config)) return { config, fault, overtook: false };
  const claim = await core.dataSource.transaction((tx) => intendClaim(tx, access.tokenId, config.mdmInfo));
  if (claim === null) return { config, fault, overtook: false };
  const claimed = await core.apple.claim(access, claim);
  const after = await judge(core, access, claimed);
  if (after?.verdict === "claimable") {
    throw new AppleError("Apple has accepted our claim, and does not show it.", { kind: "retryable" });
  }
  const overtook = before.verdict === "claimable" && config.mdmInfo !== null;
  return after && { config: claimed, fault: after.fault, overtook };
}

async function judge(core: Core, access: AppleAccess, config: ClientConfig) {
  const { tokenId } = access;
  const facts = await readLocationFacts(core.dataSource, tokenId);
  if (facts === null) return null;
  const seen = locationOf(config);
  const verdict = judgeLocation(facts, seen);
  if (verdict !== "restored") return { facts, verdict, fault: await faultOf(core, tokenId, facts, verdict, seen) };
  // watch-location does not look again at an answer that agreed with the database as it was before.
  await compareLocation(core, access, seen);
  return { facts, verdict, fault: unreadHealth(null) };
}

/** Nothing at all is written, a claim neither. */
function isClosed({ distrustedAt, state }: LocationFacts): boolean {
  return distrustedAt !== null || state === TokenHealthState.SUSPENDED;
}

function stands({ state, claimedEpoch, ...us }: LocationFacts, { mdmInfo }: ClientConfig): boolean {
  if (state === TokenHealthState.READ_ONLY || claimedEpoch === null || mdmInfo === null) return false;
  const { id, name, metadata } = ourClaim(us, claimedEpoch);
  return mdmInfo.id.toLowerCase() === id && mdmInfo.name === name && mdmInfo.metadata === metadata;
}

import { TokenAuthority, TokenHealthState, WRITABLE_HEALTH } from "../../../entities/token.js";
import { row } from "../../../queries/sql.js";
import type { AnsweredLocation, AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { changeHealth, type HealthFinding } from "../change-health.js";
import { confirmedHealth, copyHealth, foreignHealth, movedHealth } from "../health-from-config.js";
import { holdsFile } from "../holds-file.js";
import { recordExpiry } from "../record-config.js";
import { checkDatabase } from "./check-database.js";
import { readClaimMetadata } from "./claim-metadata.js";
import { distrustDatabase } from "./distrust-database.js";
import { lockIdentity } from "./identity.js";
import { judgeLocation, type LocationVerdict, latestClaim } from "./judge-location.js";
import { type LocationFacts, readLocationFacts } from "./location-facts.js";

/** What Apple shows beside what we know. */
export interface Comparison {
  readonly facts: LocationFacts;
  readonly verdict: LocationVerdict;
}

/**
 * Compares what Apple shows of a token's location with our database as it is now, and writes what follows: another's claim
 * ends the writing at once, and a claim of our own future shows that the database was put back. Writes nothing when
 * nothing has changed.
 * @returns null when no token of ours is meant.
 */
export async function compareLocation(
  core: Core,
  access: AppleAccess,
  seen: AnsweredLocation,
): Promise<Comparison | null> {
  const facts = await readFacts(core, access.tokenId);
  if (facts?.authority !== TokenAuthority.SERVICE) return null;
  const comparison = { facts, verdict: judgeLocation(facts, seen) };
  if (comparison.verdict === "restored") await distrust(core, access.tokenId, seen);
  else await note(core, access, comparison, seen);
  return comparison;
}

/** What the database knows of a token's location, once it is known to be the database that it was. */
export async function readFacts(core: Core, tokenId: string): Promise<LocationFacts | null> {
  const facts = await readLocationFacts(core.dataSource, tokenId);
  if (!facts || facts.sameDatabase) return facts;
  await checkDatabase(core);
  return readLocationFacts(core.dataSource, tokenId);
}

async function note(
  core: Core,
  access: AppleAccess,
  { facts, verdict }: Comparison,
  seen: AnsweredLocation,
): Promise<void> {
  const { tokenId } = access;
  if (verdict === "agrees" || verdict === "claimable") {
    if (isMoved(facts.expiresAt, seen.expiresAt)) await noteExpiry(core, access, seen.expiresAt);
    if (verdict === "agrees" || !WRITABLE_HEALTH.includes(facts.state)) return;
    return core.dataSource.transaction((tx) => addJob(tx, "verify-token", { tokenId }));
  }
  const health = await faultOf(core, tokenId, facts, verdict, seen);
  if (!health || health.state === facts.state || facts.state === TokenHealthState.SUSPENDED) return;
  await core.dataSource.transaction(async (tx) => {
    await changeHealth(tx, core, tokenId, health);
    await tx.query("UPDATE token SET taking_over = NULL WHERE id = $1 AND taking_over IS NOT NULL", [tokenId]);
    // The answer may be older than our last claim: asked again, Apple has the last word.
    await addJob(tx, "verify-token", { tokenId });
  });
}

/** What is so of a token whose location is not ours to write to. */
export async function faultOf(
  core: Core,
  tokenId: string,
  facts: LocationFacts,
  verdict: LocationVerdict,
  { mdmInfo, locationId }: Pick<AnsweredLocation, "mdmInfo" | "locationId">,
): Promise<HealthFinding | null> {
  if (verdict === "foreign" && mdmInfo) return foreignHealth(mdmInfo);
  if (verdict === "copy" && mdmInfo) return copyHealth(mdmInfo);
  if (verdict !== "moved") return null;
  const twin = await row<{ name: string }>(
    core.dataSource,
    "SELECT name FROM token WHERE location_id = $1 AND id <> $2",
    [locationId, tokenId],
  );
  return movedHealth(facts.locationId, locationId, twin?.name ?? null);
}

function isMoved(known: Date | null, told: Date | null): told is Date {
  return told !== null && told.getTime() !== known?.getTime();
}

/** Not the date of a file that has been renewed since. */
async function noteExpiry(core: Core, access: AppleAccess, expiresAt: Date): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    if (!(await holdsFile(tx, access))) return;
    const state = await recordExpiry(tx, access.tokenId, expiresAt);
    if (state === null || !WRITABLE_HEALTH.includes(state)) return;
    await changeHealth(tx, core, access.tokenId, confirmedHealth(expiresAt, core.clock.now()));
  });
}

/** Judged once more under the lock: of many processes that see it, one acts. */
async function distrust(core: Core, tokenId: string, seen: AnsweredLocation): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const us = await lockIdentity(tx);
    const facts = await readLocationFacts(tx, tokenId);
    if (!facts || judgeLocation(facts, seen) !== "restored") return;
    const epoch = readClaimMetadata(seen.mdmInfo?.metadata ?? "")?.epoch ?? 0;
    const evidence = `Apple shows our claim of "${facts.name}" with the epoch ${epoch}, and the database knows of ${latestClaim(facts)}.`;
    core.log.error({ tokenId, epoch, ours: latestClaim(facts) }, "The database is older than our last claim at Apple");
    await distrustDatabase(tx, core, us, { evidence, epoch, instances: [] });
  });
}

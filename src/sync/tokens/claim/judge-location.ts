import type { AnsweredLocation, MdmInfo } from "../../apple/apple-client.js";
import { readClaimMetadata } from "./claim-metadata.js";
import type { LocationFacts } from "./location-facts.js";

/** What an answer of Apple's means for a token. */
export type LocationVerdict =
  /** The claim is ours, or the answer tells nothing of claims. */
  | "agrees"
  /** Nobody's, or one of our own past, or one that an admin has told us to write over. */
  | "claimable"
  /** Another MDM's. */
  | "foreign"
  /** Of another living copy of this database. */
  | "copy"
  /** Ours, and later than any claim of this location that this database knows of: the database was put back. */
  | "restored"
  /** The token opens another location than it did. */
  | "moved";

type Us = Pick<LocationFacts, "mdmId" | "epoch" | "instance" | "formerInstances" | "claimedEpoch" | "takingOver">;

/** Compares what Apple shows with what we know. */
export function judgeLocation(facts: Us & Pick<LocationFacts, "locationId">, seen: AnsweredLocation): LocationVerdict {
  if (facts.locationId !== null && seen.locationId !== null && facts.locationId !== seen.locationId) return "moved";
  if (!seen.told) return "agrees";
  if (seen.mdmInfo === null) return "claimable";
  const verdict = judgeClaim(facts, seen.mdmInfo);
  const elsewhere = verdict === "foreign" || verdict === "copy";
  return elsewhere && facts.takingOver === claimant(facts, seen.mdmInfo) ? "claimable" : verdict;
}

function judgeClaim(us: Us, mdmInfo: MdmInfo): LocationVerdict {
  if (!isOurId(us, mdmInfo)) return "foreign";
  const mark = readClaimMetadata(mdmInfo.metadata);
  if (mark === null) return "claimable";
  if (mark.instance === null) return mark.epoch > us.epoch ? "restored" : "agrees";
  if (mark.instance === us.instance) return mark.epoch > latestClaim(us) ? "restored" : "agrees";
  // An epoch is only ever written over a lower one, so the higher one came later.
  if (us.claimedEpoch !== null) return mark.epoch >= us.claimedEpoch ? "copy" : "claimable";
  return us.formerInstances.includes(mark.instance) ? "claimable" : "copy";
}

/** With which epoch this instance can have claimed the location at most; not known of a token that was added once more. */
export function latestClaim({ claimedEpoch, epoch }: Pick<Us, "claimedEpoch" | "epoch">): number {
  return claimedEpoch ?? epoch;
}

/** Who has claimed, in a word that tells it from all others: the id of another MDM, or the instance of a copy of ours. */
export function claimant(us: Pick<Us, "mdmId">, mdmInfo: MdmInfo): string {
  if (!isOurId(us, mdmInfo)) return mdmInfo.id;
  return readClaimMetadata(mdmInfo.metadata)?.instance ?? mdmInfo.id;
}

function isOurId({ mdmId }: Pick<Us, "mdmId">, { id }: MdmInfo): boolean {
  return id.toLowerCase() === mdmId.toLowerCase();
}

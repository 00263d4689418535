import type { AnsweredLocation, OnAnswer } from "../apple/apple-client.js";
import type { Core } from "../core.js";
import { compareLocation } from "./claim/compare-location.js";

/** A file that is only being looked at has no row yet; its requests are counted under its fingerprint. */
const TOKEN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Compares the location that every answer of Apple's tells of with what we know. An answer that tells the same as the one
 * before it, which agreed, costs nothing; may-write compares it again with the database before anything is sent.
 */
export function watchLocation(core: Core): OnAnswer {
  return async (access, answered) => {
    const { tokenId } = access;
    if (!TOKEN_ID.test(tokenId)) return;
    const known = core.seenLocations.get(tokenId);
    const seen = answered.told || !known ? answered : { ...answered, mdmInfo: known.mdmInfo, told: known.told };
    if (known?.agreed && isSame(known, seen)) return;
    const comparison = await compareLocation(core, access, seen);
    if (comparison) core.seenLocations.set(tokenId, { ...seen, agreed: comparison.verdict === "agrees" });
  };
}

function isSame(one: AnsweredLocation, other: AnsweredLocation): boolean {
  return (
    one.locationId === other.locationId &&
    one.told === other.told &&
    one.expiresAt?.getTime() === other.expiresAt?.getTime() &&
    one.mdmInfo?.id === other.mdmInfo?.id &&
    one.mdmInfo?.metadata === other.mdmInfo?.metadata
  );
}

import { expect, it } from "vitest";
import type { MdmInfo } from "../../../../src/sync/apple/apple-client.js";
import { claimMetadata, readClaimMetadata } from "../../../../src/sync/tokens/claim/claim-metadata.js";
import { judgeLocation } from "../../../../src/sync/tokens/claim/judge-location.js";

const US = "3f2c6a54-5f0e-4d7b-9a57-0c1b7d1f0a01";
const INSTANCE = "aaaaaaaa-0000-4000-8000-000000000001";
const FORMER = "bbbbbbbb-0000-4000-8000-000000000002";
const STRANGER = "cccccccc-0000-4000-8000-000000000003";

const facts = {
  mdmId: US,
  epoch: 7,
  instance: INSTANCE,
  formerInstances: [FORMER],
  claimedEpoch: 5 as number | null,
  takingOver: null as string | null,
  locationId: "1000",
};

const of = (metadata: string): MdmInfo => ({ id: US, name: "Allotment", metadata });
const claim = (epoch: number, instance: string) => of(claimMetadata({ epoch, instance }));
const other: MdmInfo = { id: "other-mdm", name: "Other MDM", metadata: "x" };

const judge = (mdmInfo: MdmInfo | null, known: Partial<typeof facts> = {}, seen: object = {}) =>
  judgeLocation({ ...facts, ...known }, { locationId: "1000", expiresAt: null, told: true, mdmInfo, ...seen });

it.each([
  ["our last claim", claim(5, INSTANCE), {}, "agrees"],
  ["our claim before the one that is about to be written", claim(4, INSTANCE), {}, "agrees"],
  ["our id in other letters", { ...claim(5, INSTANCE), id: US.toUpperCase() }, {}, "agrees"],
  ["the older form with a known epoch", of('{"epoch":7}'), {}, "agrees"],
  ["the older form with a later epoch", of('{"epoch":8}'), {}, "restored"],
  ["our own claim with a later epoch than the database has come to", claim(8, INSTANCE), {}, "restored"],
  ["our own claim with a later epoch than this location was claimed with", claim(6, INSTANCE), {}, "restored"],
  ["our own claim of a token that was added once more", claim(6, INSTANCE), { claimedEpoch: null }, "agrees"],
  ["metadata in no form of ours", of("v1"), {}, "claimable"],
  ["nobody's claim", null, {}, "claimable"],
  ["another MDM's claim", other, {}, "foreign"],
  ["another MDM's claim that an admin has told us to write over", other, { takingOver: "other-mdm" }, "claimable"],
  ["a third MDM's claim instead of it", other, { takingOver: "third-mdm" }, "foreign"],
  ["a copy's claim after ours", claim(6, STRANGER), {}, "copy"],
  ["a copy's claim with the epoch of ours", claim(5, STRANGER), {}, "copy"],
  ["a copy's claim before ours, which is under way", claim(4, STRANGER), {}, "claimable"],
  ["a claim of the instance we were, after ours: it lives", claim(6, FORMER), {}, "copy"],
  ["a claim of the instance we were, before our first", claim(9, FORMER), { claimedEpoch: null }, "claimable"],
  ["a stranger's claim with our id, before our first", claim(1, STRANGER), { claimedEpoch: null }, "copy"],
  ["a copy's claim that an admin has told us to write over", claim(6, STRANGER), { takingOver: STRANGER }, "claimable"],
])("judges %s", (_, mdmInfo, known, verdict) => {
  expect(judge(mdmInfo, known)).toBe(verdict);
});

it("judges another location before any claim, and knows none by an answer that does not tell", () => {
  expect(judge(other, {}, { locationId: "2000" })).toBe("moved");
  expect(judge(null, {}, { locationId: "2000", told: false })).toBe("moved");
  expect(judge(null, {}, { locationId: null, told: false })).toBe("agrees");
});

it("writes no longer metadata than Apple takes, and reads what it wrote", () => {
  const longest = claimMetadata({ epoch: Number.MAX_SAFE_INTEGER, instance: INSTANCE });
  expect(longest.length).toBeLessThanOrEqual(255);
  expect(readClaimMetadata(longest)).toEqual({ epoch: Number.MAX_SAFE_INTEGER, instance: INSTANCE });
  expect(readClaimMetadata('{"epoch":-1}')).toBeNull();
});

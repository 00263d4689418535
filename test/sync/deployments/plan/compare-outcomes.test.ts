import { describe, expect, it } from "vitest";
import { PlannedLicense as L, PlanOutcome as O } from "../../../../src/entities/deployment-plan-member.js";
import { InstallationReason as R } from "../../../../src/entities/installation.js";
import { isWorse, type Outcome } from "../../../../src/sync/deployments/plan/compare-outcomes.js";

const outcome = (name: O, reason: R | null = null, license: L | null = null): Outcome => ({
  outcome: name,
  reason,
  license,
});

/** From the best to the worst. */
const BY_DISTANCE = [
  outcome(O.INSTALL, null, L.NEW),
  outcome(O.WAITS_FOR_LICENSE, R.LICENSE_RETURNING),
  outcome(O.WAITS_FOR_USER, R.INVITATION_OPEN),
  outcome(O.WAITS_FOR_LICENSE, R.OUT_OF_STOCK),
  outcome(O.NOT_APPLICABLE, R.DEVICE_LIMIT),
];

describe("an install's outcome", () => {
  it("is worse the farther it is from the app, and never the other way round", () => {
    const worse = BY_DISTANCE.map((before) => BY_DISTANCE.map((after) => isWorse(before, after)));
    expect(worse).toEqual(BY_DISTANCE.map((_, before) => BY_DISTANCE.map((_, after) => after > before)));
  });

  it.each([
    [O.INSTALL, O.ALREADY_THERE],
    [O.ALREADY_THERE, O.INSTALL],
    [O.NO_USER, O.NO_DEVICE],
  ])("is as good as %s when it is %s", (before, after) => {
    expect(isWorse(outcome(before), outcome(after))).toBe(false);
  });

  it("is not worse when Apple has registered a person who has yet to accept, nor the other way round", () => {
    const [requested, invited] = [R.REGISTRATION_OPEN, R.INVITATION_OPEN].map((reason) =>
      outcome(O.WAITS_FOR_USER, reason),
    ) as [Outcome, Outcome];
    expect([isWorse(requested, invited), isWorse(invited, requested)]).toEqual([false, false]);
  });

  it("of a new member is not worse than none", () => {
    expect(isWorse(null, outcome(O.NOT_APPLICABLE, R.NO_SERIAL))).toBe(false);
  });
});

describe("an uninstall's outcome", () => {
  it.each([
    ["a device that was to keep the app", outcome(O.KEPT), outcome(O.REMOVE)],
    ["a device that was no member", null, outcome(O.REMOVE)],
    ["a device that was out of reach", outcome(O.NOT_APPLICABLE), outcome(O.REMOVE)],
    ["a device that was to lose the app, and keeps it", outcome(O.REMOVE), outcome(O.KEPT)],
    ["a licence that no longer returns", outcome(O.REMOVE, null, L.RETURNS), outcome(O.REMOVE, null, L.STAYS)],
  ])("is worse for %s", (_, before, after) => {
    expect(isWorse(before, after)).toBe(true);
  });

  it("is not worse when a licence that was to return is back already, or serves somebody again", () => {
    expect(isWorse(outcome(O.REMOVE, null, L.RETURNS), outcome(O.REMOVE))).toBe(false);
  });

  it("is not worse when a licence returns that was not expected to", () => {
    expect(isWorse(outcome(O.REMOVE), outcome(O.REMOVE, null, L.RETURNS))).toBe(false);
  });
});

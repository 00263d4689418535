import { describe, expect, it, test } from "vitest";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../../src/entities/installation.js";
import { HolderKind, LicenseCause } from "../../../../src/entities/license.js";
import { TokenHealthState as T } from "../../../../src/entities/token.js";
import { driftEvidence, driftSince } from "../../../../src/queries/drift/drift-evidence.js";
import type { DriftFacts, DriftInstallation } from "../../../../src/queries/drift/drift-facts.js";
import { decideRepair } from "../../../../src/sync/deployments/drift/decide-repair.js";

const at = (day: number) => new Date(Date.UTC(2026, 0, day));

const installed: DriftInstallation = {
  id: "7",
  generation: 2,
  state: S.FAILED,
  stateAt: at(5),
  want: InstallationWant.PRESENT,
  left: false,
  reason: R.TIMED_OUT,
  detail: null,
  remedy: "Check the device.",
  observedState: "installed",
  observedAt: at(4),
  device: "C02X",
  targetId: "target",
  target: "Campus MDM",
  targetPausedUntil: null,
};

function drift(type: DriftFacts["type"], facts: Partial<DriftFacts> = {}): DriftFacts {
  return {
    type,
    tokenId: "token",
    id: "1",
    storeAppId: "2",
    token: "Head office",
    health: T.ACTIVE,
    healthRemedy: null,
    removing: false,
    lastSyncAt: at(9),
    app: "Keynote",
    totalCount: 10,
    assignedCount: 4,
    availableCount: 6,
    retiredCount: 0,
    heldCount: 3,
    countsAt: at(9),
    licenseId: "1",
    holderKind: HolderKind.DEVICE,
    holderKey: "C02X",
    startCause: LicenseCause.EXTERNAL,
    startedAt: at(1),
    abandonedAt: null,
    missedAt: null,
    linkableDeviceId: null,
    linkableAppleUserId: null,
    installations: [],
    alertMessage: null,
    alertRaisedAt: null,
    ...facts,
  };
}

const unlicensed = (installation: Partial<DriftInstallation>, facts: Partial<DriftFacts> = {}) =>
  drift("INSTALLED_WITHOUT_LICENSE", { ...facts, installations: [{ ...installed, ...installation }] });
const idle = (...installations: Partial<DriftInstallation>[]) =>
  drift("LICENSED_WITHOUT_INSTALL", {
    startCause: LicenseCause.DEPLOYMENT,
    installations: installations.map((installation) => ({ ...installed, observedState: null, ...installation })),
  });

describe("a repair", () => {
  test.each([
    ["reads what is missing at Apple", drift("MISSING_AT_APPLE", { missedAt: at(8) }), "READ_AT_APPLE"],
    ["reads what does not fit", drift("COUNT_MISMATCH"), "READ_AT_APPLE"],
    ["reads nothing with a token that Apple refuses", drift("COUNT_MISMATCH", { health: T.REVOKED }), "NONE"],
    ["reads with a token that may only read", drift("COUNT_MISMATCH", { health: T.READ_ONLY }), "READ_AT_APPLE"],
    ["links a device that has become known", drift("FOREIGN_HOLDER", { linkableDeviceId: "d" }), "LINK_HOLDER"],
    ["links a person who has become known", drift("FOREIGN_HOLDER", { linkableAppleUserId: "3" }), "LINK_HOLDER"],
    ["leaves a foreign holder to a person", drift("FOREIGN_HOLDER"), "NONE"],
    ["leaves what somebody else gave to a person", drift("UNKNOWN_HERE"), "NONE"],
    ["requests what has failed without a licence", unlicensed({}), "REQUEST_LICENSE"],
    ["requests nothing while the token is frozen", unlicensed({}, { health: T.SUSPENDED }), "NONE"],
    ["requests nothing that Apple has refused", unlicensed({ reason: R.REFUSED_BY_APPLE }), "NONE"],
    [
      "requests nothing that is not applicable",
      unlicensed({ state: S.NOT_APPLICABLE, reason: R.DEVICE_LIMIT }),
      "NONE",
    ],
    ["lets who waits for stock wait", unlicensed({ state: S.WAITING_FOR_LICENSE }), "NONE"],
    ["lets who waits for a person wait", unlicensed({ state: S.WAITING_FOR_USER }), "NONE"],
    ["lets what is requested go on", unlicensed({ state: S.REQUESTED }), "NONE"],
    ["lets what is being removed go", unlicensed({ state: S.REMOVING, want: InstallationWant.ABSENT }), "NONE"],
    ["claims nothing for who has left", unlicensed({ left: true }), "NONE"],
    ["returns what nothing uses", idle(), "RETURN_LICENSE"],
    ["tells the target again what it has not reported in time", idle({}), "ASK_TARGET"],
    [
      "tells the target again what is under way for too long",
      idle({ state: S.INSTALLING, reason: null }),
      "ASK_TARGET",
    ],
    ["leaves to a person what the device wants from one", idle({ state: S.INSTALLING, reason: R.NEEDS_USER }), "NONE"],
    ["leaves to a person what the target has a remedy for", idle({ reason: R.REFUSED_BY_TARGET }), "NONE"],
    [
      "tells again what was refused without a remedy",
      idle({ reason: R.REFUSED_BY_TARGET, remedy: null }),
      "ASK_TARGET",
    ],
    ["waits for a target that has not taken the order", idle({ state: S.LICENSED }), "NONE"],
  ] as const)("%s", (_, facts, repair) => {
    const decision = decideRepair(facts);
    expect(decision.repair).toBe(repair);
    expect(decision.why).toMatch(/^[A-Z].*\.$/);
  });

  it("tells a target again of those alone that a person need not look after", () => {
    const decision = decideRepair(idle({ id: "1", reason: R.REFUSED_BY_TARGET }, { id: "2" }, { id: "3", left: true }));
    expect(decision.installations.map(({ id }) => id)).toEqual(["2"]);
  });

  it("does nothing with a token that is being removed", () => {
    for (const facts of [
      idle(),
      unlicensed({}),
      drift("COUNT_MISMATCH"),
      drift("FOREIGN_HOLDER", { linkableDeviceId: "d" }),
    ]) {
      expect(decideRepair({ ...facts, removing: true }).repair).toBe("NONE");
    }
  });
});

describe("the evidence of a drift", () => {
  test.each([
    [drift("MISSING_AT_APPLE", { missedAt: at(8) }), ["APPLE", "ALLOTMENT"], at(8)],
    [drift("MISSING_AT_APPLE", { abandonedAt: at(7) }), ["APPLE", "ALLOTMENT"], at(7)],
    [drift("UNKNOWN_HERE"), ["APPLE", "ALLOTMENT"], at(1)],
    [drift("FOREIGN_HOLDER", { holderKind: HolderKind.USER }), ["APPLE", "ALLOTMENT"], at(1)],
    [drift("COUNT_MISMATCH", { alertMessage: "They differ.", alertRaisedAt: at(6) }), ["APPLE", "ALLOTMENT"], at(6)],
    [unlicensed({}), ["APPLE", "MDM"], at(5)],
    [idle({}, { stateAt: at(3) }), ["APPLE", "MDM", "MDM"], at(3)],
    [idle(), ["APPLE", "ALLOTMENT"], null],
  ] as const)("of %o names each side, what it says and since when it is so", (facts, sides, since) => {
    const evidence = driftEvidence(facts);
    expect(evidence.map(({ side }) => side)).toEqual(sides);
    for (const { says } of evidence) expect(says).toMatch(/\.$/);
    expect(driftSince(facts)).toEqual(since);
  });
});

import { describe, expect, it } from "vitest";
import { AppleUserStatus } from "../../../../src/entities/apple-user.js";
import { DeploymentLicensing } from "../../../../src/entities/deployment.js";
import { InstallationState } from "../../../../src/entities/installation.js";
import { LicenseState } from "../../../../src/entities/license.js";
import { decideLicensing } from "../../../../src/sync/deployments/decide-licensing.js";
import { NeededLicenses } from "../../../../src/sync/deployments/plan/needed-licenses.js";
import { type MemberFacts, planInstall } from "../../../../src/sync/deployments/plan/plan-install.js";
import { predictLicensing } from "../../../../src/sync/deployments/plan/predict-licensing.js";

let position = 0;

/** A device of an associated user without a licence, unless said otherwise. */
function facts(change: Partial<MemberFacts> = {}): MemberFacts {
  position += 1;
  return {
    id: String(position),
    position,
    state: InstallationState.REQUESTED,
    reason: null,
    generation: 1,
    licensing: DeploymentLicensing.USER,
    collectionId: "collection-1",
    deviceId: `device-${position}`,
    serial: `SERIAL${position}`,
    userId: "user-1",
    userLeft: false,
    appleUserId: "1",
    clientUserId: "client-1",
    refusal: null,
    registration: AppleUserStatus.ASSOCIATED,
    openLicenseId: null,
    openLicenseState: null,
    ownLicense: false,
    devicesServed: 0,
    servedElsewhere: false,
    alreadyThere: false,
    ...change,
  };
}

/** What is planned for members, in words, and how many licences they need. */
function planAll(members: readonly MemberFacts[], free = 10, decide = decideLicensing) {
  const needed = new NeededLicenses();
  const decisions = decide(members, { free, quotas: [] });
  const told = members.map((member, at) => {
    const decision = decisions[at];
    if (!decision) throw new Error("A member has no decision");
    const { outcome, reason, license } = planInstall(member, decision, needed);
    return [outcome, reason, license].filter((part) => part !== null).join(" ");
  });
  return { told, counts: [needed.count(), needed.count("now"), needed.count("missing"), needed.count("later")] };
}

describe("the licences that members need", () => {
  it("are one a person, which the person's other devices join", () => {
    const { told, counts } = planAll([facts(), facts()]);
    expect(told).toEqual(["INSTALL NEW", "INSTALL JOINED"]);
    expect(counts).toEqual([1, 1, 0, 0]);
  });

  it("are one a device under device licensing, and missing where stock ends", () => {
    const byDevice = { licensing: DeploymentLicensing.DEVICE };
    const { told, counts } = planAll([facts(byDevice), facts(byDevice)], 1);
    expect(told).toEqual(["INSTALL NEW", "WAITS_FOR_LICENSE OUT_OF_STOCK"]);
    expect(counts).toEqual([2, 1, 1, 0]);
  });

  it("are needed later of who must be registered or accept the invitation first", () => {
    const { told, counts } = planAll([
      facts({ registration: null }),
      facts({ registration: null }),
      facts({ userId: "user-2", registration: AppleUserStatus.REGISTERED }),
    ]);
    expect(told).toEqual([
      "WAITS_FOR_USER REGISTRATION_OPEN",
      "WAITS_FOR_USER REGISTRATION_OPEN",
      "WAITS_FOR_USER INVITATION_OPEN",
    ]);
    expect(counts).toEqual([2, 0, 0, 2]);
  });

  it("are needed later of whose last one is on its way back", () => {
    const { told, counts } = planAll([facts({ openLicenseId: "9", openLicenseState: LicenseState.RETURNING })]);
    expect(told).toEqual(["WAITS_FOR_LICENSE LICENSE_RETURNING"]);
    expect(counts).toEqual([1, 0, 0, 1]);
  });

  it("are none of who joins what is held, and none of who gets nothing", () => {
    const { told, counts } = planAll([
      facts({ openLicenseId: "9", openLicenseState: LicenseState.HELD, ownLicense: true, alreadyThere: true }),
      facts({ servedElsewhere: true }),
      facts({ userId: null }),
    ]);
    expect(told).toEqual(["ALREADY_THERE JOINED", "NOT_APPLICABLE SERVED_BY_OTHER_TOKEN", "NO_USER NO_USER"]);
    expect(counts).toEqual([0, 0, 0, 0]);
  });
});

describe("the licences that an MDM will probably give out", () => {
  it("are one a person whether registered here or not, and none where one is known", () => {
    const unknown = { registration: null, appleUserId: null, clientUserId: null };
    const held = { openLicenseId: "9", openLicenseState: LicenseState.HELD };
    const { told, counts } = planAll([facts(unknown), facts(unknown), facts({ userId: "user-2", ...held })], 1, (all) =>
      predictLicensing(all),
    );
    expect(told).toEqual(["INSTALL NEW", "INSTALL JOINED", "INSTALL JOINED"]);
    expect(counts).toEqual([1, 1, 0, 0]);
  });
});

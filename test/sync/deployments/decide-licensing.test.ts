import { describe, expect, it } from "vitest";
import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import { DeploymentLicensing } from "../../../src/entities/deployment.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { LicenseState } from "../../../src/entities/license.js";
import { decideLicensing, licensingRound } from "../../../src/sync/deployments/decide-licensing.js";
import type { LicensingFacts } from "../../../src/sync/deployments/licensing-facts.js";

let serial = 0;

/** A device of an associated user without a licence, unless said otherwise. */
function facts(change: Partial<LicensingFacts> = {}): LicensingFacts {
  serial += 1;
  return {
    id: String(serial),
    state: InstallationState.REQUESTED,
    reason: null,
    generation: 1,
    licensing: DeploymentLicensing.USER,
    collectionId: "collection-1",
    deviceId: `device-${serial}`,
    serial: `SERIAL${serial}`,
    userId: "user-1",
    userLeft: false,
    appleUserId: "1",
    clientUserId: "client-1",
    registration: AppleUserStatus.ASSOCIATED,
    refusal: null,
    openLicenseId: null,
    openLicenseState: null,
    ownLicense: false,
    devicesServed: 0,
    servedElsewhere: false,
    ...change,
  };
}

/** Decides where stock is no question. */
const decide = (batch: LicensingFacts[]) => decideLicensing(batch, { free: 1000, quotas: [] });
const kinds = (batch: LicensingFacts[]) => decide(batch).map((decision) => decision.kind);

describe("one need, one licence", () => {
  it("claims one licence in the user's name for each of her devices, under one key", () => {
    const decisions = decide([facts(), facts()]);
    expect(decisions.map((decision) => decision.kind === "claim" && decision.need.key)).toEqual([
      "client-1",
      "client-1",
    ]);
  });

  it("claims a licence for the serial number under device licensing, whoever the user is", () => {
    const [decision] = decide([facts({ licensing: DeploymentLicensing.DEVICE, userId: null, serial: "ABC" })]);
    expect(decision).toMatchObject({ kind: "claim", need: { key: "ABC", kind: "DEVICE" } });
  });

  it("joins the licence that the holder has already", () => {
    const held = { openLicenseId: "9", openLicenseState: LicenseState.HELD };
    expect(decide([facts(held)])).toMatchObject([{ kind: "join", licenseId: "9" }]);
  });

  it("gives nothing new to somebody who has left, but lets them join what they hold", () => {
    const held = { openLicenseId: "9", openLicenseState: LicenseState.HELD };
    expect(kinds([facts({ userLeft: true }), facts({ userLeft: true, ...held })])).toEqual(["refuse", "join"]);
  });

  it("waits for a licence that is on its way back, and then claims anew", () => {
    const returning = { openLicenseId: "9", openLicenseState: LicenseState.RETURNING };
    expect(decide([facts(returning)])).toMatchObject([{ kind: "wait", reason: InstallationReason.LICENSE_RETURNING }]);
  });

  it("refuses a device that has the product by a licence of another token", () => {
    expect(decide([facts({ servedElsewhere: true })])).toMatchObject([
      { kind: "refuse", reason: InstallationReason.SERVED_BY_OTHER_TOKEN },
    ]);
  });
});

describe("one need under two kinds of licensing", () => {
  it("claims one licence when one batch has the device by its user and by itself", () => {
    const device = { deviceId: "same" };
    expect(kinds([facts(device), facts({ ...device, licensing: DeploymentLicensing.DEVICE })])).toEqual([
      "claim",
      "later",
    ]);
  });

  it.each(["first", "last"])("claims none of the device's own where it joins its user's %s in one batch", (place) => {
    const device = { deviceId: "same" };
    const joins = facts({ ...device, openLicenseId: "9", openLicenseState: LicenseState.HELD });
    const claims = facts({ ...device, licensing: DeploymentLicensing.DEVICE });
    const isFirst = place === "first";
    expect(kinds(isFirst ? [joins, claims] : [claims, joins])).toEqual([isFirst ? "join" : "claim", "later"]);
  });

  it("joins the device's own licence before the user is registered for another", () => {
    const own = { openLicenseId: "9", openLicenseState: LicenseState.HELD, ownLicense: true, registration: null };
    expect(decide([facts(own)])).toMatchObject([{ kind: "join", licenseId: "9" }]);
  });
});

describe("five devices a user", () => {
  it("refuses the sixth device of a batch", () => {
    expect(kinds(Array.from({ length: 6 }, () => facts()))).toEqual([...Array(5).fill("claim"), "refuse"]);
  });

  it("refuses the sixth device of somebody who is not registered yet, too", () => {
    const batch = Array.from({ length: 6 }, () => facts({ registration: null }));
    expect(kinds(batch)).toEqual([...Array(5).fill("register"), "refuse"]);
  });

  it("refuses a device when the user's licence serves five already", () => {
    const full = { openLicenseId: "9", openLicenseState: LicenseState.HELD, devicesServed: 5 };
    expect(decide([facts(full)])).toMatchObject([{ kind: "refuse", reason: InstallationReason.DEVICE_LIMIT }]);
  });

  it("counts a device once however many deployments bring it the app", () => {
    const device = { deviceId: "same" };
    expect(kinds(Array.from({ length: 6 }, () => facts(device)))).toEqual(Array(6).fill("claim"));
  });

  it("does not count devices under device licensing", () => {
    const byDevice = { licensing: DeploymentLicensing.DEVICE };
    expect(kinds(Array.from({ length: 6 }, () => facts(byDevice)))).toEqual(Array(6).fill("claim"));
  });
});

describe("a round of several batches", () => {
  it("goes on with the stock that earlier batches left, and with whom they have served", () => {
    const { decide, left } = licensingRound({ free: 1, quotas: [] });
    const other = { userId: "user-2", clientUserId: "client-2" };
    expect(decide([facts()]).map(({ kind }) => kind)).toEqual(["claim"]);
    expect(decide([facts(), facts(other)]).map(({ kind }) => kind)).toEqual(["claim", "wait"]);
    expect(left()).toEqual({ free: 0, quotas: [] });
  });

  it("counts the devices of a user over all of them", () => {
    const { decide } = licensingRound({ free: 9, quotas: [] });
    decide(Array.from({ length: 3 }, () => facts()));
    expect(decide(Array.from({ length: 3 }, () => facts())).map(({ kind }) => kind)).toEqual([
      "claim",
      "claim",
      "refuse",
    ]);
  });
});

describe("who has no registration with Apple yet", () => {
  it("is registered first", () => {
    expect(kinds([facts({ registration: null })])).toEqual(["register"]);
  });

  it("waits, without a licence, until the invitation is accepted", () => {
    expect(decide([facts({ registration: AppleUserStatus.REGISTERED })])).toMatchObject([
      { kind: "wait", state: InstallationState.WAITING_FOR_USER, reason: InstallationReason.INVITATION_OPEN },
    ]);
  });

  it("gets nothing when Apple has refused the registration", () => {
    expect(decide([facts({ registration: AppleUserStatus.REFUSED })])).toMatchObject([
      { kind: "refuse", reason: InstallationReason.REGISTRATION_REFUSED, remedy: expect.stringContaining("retry") },
    ]);
  });

  it("is told the words of whoever has not let the registration be made", () => {
    const words = { detail: "The address is wrong.", remedy: "Correct it." };
    const told = (givenUp: boolean) =>
      decide([facts({ registration: AppleUserStatus.REFUSED, refusal: { givenUp, ...words } })]);
    expect(told(false)).toMatchObject([{ reason: InstallationReason.REGISTRATION_REFUSED, ...words }]);
    expect(told(true)).toMatchObject([{ reason: InstallationReason.OPERATION_ABANDONED, ...words }]);
  });

  it("is not registered after having left", () => {
    expect(decide([facts({ registration: null, userLeft: true })])).toMatchObject([
      { kind: "refuse", reason: InstallationReason.USER_LEFT },
    ]);
  });

  it("gets nothing without a user under user licensing", () => {
    expect(decide([facts({ userId: null, registration: null })])).toMatchObject([
      { kind: "refuse", reason: InstallationReason.NO_USER },
    ]);
  });
});

describe("the turns", () => {
  const device = (collectionId: string) => facts({ licensing: DeploymentLicensing.DEVICE, collectionId });
  const quota = (collectionId: string, unfilled: number) => ({ collectionId, unfilled });

  it("gives what there is to the first, and has the others wait", () => {
    const decisions = decideLicensing([device("a"), device("a"), device("a")], { free: 2, quotas: [] });
    expect(decisions.map(({ kind }) => kind)).toEqual(["claim", "claim", "wait"]);
    expect(decisions[2]).toMatchObject({ reason: InstallationReason.OUT_OF_STOCK, remedy: expect.any(String) });
  });

  it("counts the devices of one person as one need", () => {
    const decisions = decideLicensing([facts(), facts(), device("collection-1")], { free: 1, quotas: [] });
    expect(decisions.map(({ kind }) => kind)).toEqual(["claim", "claim", "wait"]);
  });

  it("passes over those from whom the rest is kept, for one it is kept for", () => {
    const stock = { free: 2, quotas: [quota("b", 1)] };
    const decisions = decideLicensing([device("a"), device("a"), device("b"), device("b")], stock);
    expect(decisions.map(({ kind }) => kind)).toEqual(["claim", "wait", "claim", "wait"]);
  });

  it("gives a licence to two lanes never twice", () => {
    const stock = { free: 1, quotas: [quota("b", 1), quota("c", 1)] };
    const decisions = decideLicensing([device("c"), device("b"), device("b")], stock);
    expect(decisions.map(({ kind }) => kind)).toEqual(["wait", "claim", "wait"]);
  });

  it("gives a device that waits in one lane what another lane claims for it", () => {
    const deviceId = "shared";
    const both = { licensing: DeploymentLicensing.DEVICE, deviceId, serial: "SHARED" };
    const stock = { free: 1, quotas: [quota("b", 1)] };
    const decisions = decideLicensing(
      [facts({ ...both, collectionId: "b" }), facts({ ...both, collectionId: "a" })],
      stock,
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(["claim", "claim"]);
  });
});

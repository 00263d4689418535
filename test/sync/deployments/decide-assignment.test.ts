import { expect, test } from "vitest";
import { AppleUserStatus } from "../../../src/entities/apple-user.js";
import { DeviceState } from "../../../src/entities/device.js";
import { HolderKind, LicenseState } from "../../../src/entities/license.js";
import type { DeviceFacts, UserFacts } from "../../../src/queries/assignment-facts.js";
import { decideAssignment } from "../../../src/sync/deployments/decide-assignment.js";

const HOLDER = { openLicenseId: null, openLicenseState: null, servedElsewhere: false };
const DEVICE: DeviceFacts = { kind: "DEVICE", id: "d", serial: "SERIAL1", state: DeviceState.ENROLLED, ...HOLDER };
const USER: UserFacts = {
  kind: "USER",
  id: "u",
  left: false,
  appleUserId: "5",
  clientUserId: "client-5",
  registration: AppleUserStatus.ASSOCIATED,
  ...HOLDER,
};

test("a device gets a licence by its serial number, a person by the registration", () => {
  expect(decideAssignment(DEVICE)).toEqual({
    outcome: "GIVEN",
    need: { kind: HolderKind.DEVICE, key: "SERIAL1", deviceId: "d", appleUserId: null },
  });
  expect(decideAssignment(USER)).toEqual({
    outcome: "GIVEN",
    need: { kind: HolderKind.USER, key: "client-5", deviceId: null, appleUserId: "5" },
  });
});

test.each<[string, DeviceFacts | UserFacts, string]>([
  ["who has one keeps it", { ...DEVICE, openLicenseId: "1", openLicenseState: LicenseState.HELD }, "ALREADY_HELD"],
  [
    "whose last one is on its way back waits for that",
    { ...DEVICE, openLicenseId: "1", openLicenseState: LicenseState.RETURNING },
    "LICENSE_RETURNING",
  ],
  ["who is served by another licence needs none", { ...USER, servedElsewhere: true }, "SERVED_ELSEWHERE"],
  ["a device without a serial number gets none", { ...DEVICE, serial: null }, "NO_SERIAL"],
  ["a wiped device gets none", { ...DEVICE, state: DeviceState.WIPED }, "DEVICE_GONE"],
  ["a person who has left gets none", { ...USER, left: true }, "USER_LEFT"],
  ["a person without a registration is registered", { ...USER, registration: null }, "REGISTRATION_REQUESTED"],
  ["a person being registered waits", { ...USER, registration: AppleUserStatus.REQUESTED }, "REGISTRATION_OPEN"],
  ["an invited person holds nothing yet", { ...USER, registration: AppleUserStatus.REGISTERED }, "INVITATION_OPEN"],
])("%s", (_, facts, outcome) => {
  expect(decideAssignment(facts)).toEqual({ outcome });
});

import { AppleUserStatus } from "../../entities/apple-user.js";
import { DeviceState } from "../../entities/device.js";
import { HolderKind, LicenseState } from "../../entities/license.js";
import type { DeviceFacts, UserFacts } from "../../queries/assignment-facts.js";
import type { HolderNeed } from "../licenses/claim-licenses.js";

/** What comes of giving one holder a licence without an install. */
export type AssignmentOutcome =
  | "GIVEN"
  | "ALREADY_HELD"
  | "LICENSE_RETURNING"
  | "SERVED_ELSEWHERE"
  | "NO_SERIAL"
  | "DEVICE_GONE"
  | "USER_LEFT"
  | "REGISTRATION_REQUESTED"
  | "REGISTRATION_OPEN"
  | "INVITATION_OPEN";

export interface AssignmentDecision {
  readonly outcome: AssignmentOutcome;
  /** What is to be claimed; of GIVEN alone. */
  readonly need?: HolderNeed;
}

/**
 * Whether a device or person gets a licence, by rule 5: nobody gets a second one, a product that is there by another
 * licence needs none, and nobody holds one before the invitation was accepted. Pure.
 */
export function decideAssignment(facts: DeviceFacts | UserFacts): AssignmentDecision {
  if (facts.openLicenseState === LicenseState.RETURNING) return { outcome: "LICENSE_RETURNING" };
  if (facts.openLicenseId !== null) return { outcome: "ALREADY_HELD" };
  if (facts.servedElsewhere) return { outcome: "SERVED_ELSEWHERE" };
  return facts.kind === "DEVICE" ? decideForDevice(facts) : decideForUser(facts);
}

function decideForDevice({ id, serial, state }: DeviceFacts): AssignmentDecision {
  if (state !== DeviceState.ENROLLED) return { outcome: "DEVICE_GONE" };
  if (serial === null) return { outcome: "NO_SERIAL" };
  return { outcome: "GIVEN", need: { kind: HolderKind.DEVICE, key: serial, deviceId: id, appleUserId: null } };
}

function decideForUser({ left, registration, clientUserId, appleUserId }: UserFacts): AssignmentDecision {
  if (left) return { outcome: "USER_LEFT" };
  if (registration === null || clientUserId === null) return { outcome: "REGISTRATION_REQUESTED" };
  if (registration === AppleUserStatus.REQUESTED) return { outcome: "REGISTRATION_OPEN" };
  if (registration === AppleUserStatus.REGISTERED) return { outcome: "INVITATION_OPEN" };
  return { outcome: "GIVEN", need: { kind: HolderKind.USER, key: clientUserId, deviceId: null, appleUserId } };
}

import { AppleUserStatus } from "../../entities/apple-user.js";
import { DeploymentLicensing } from "../../entities/deployment.js";
import { InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import { HolderKind, LicenseState } from "../../entities/license.js";
import type { HolderNeed } from "../licenses/claim-licenses.js";
import { type AppStock, afterClaim, freeFor } from "./free-for.js";
import type { LicensingFacts } from "./licensing-facts.js";

/** How many devices one user's licence serves (Apple; reference: apple-protocol 5.4). */
export const DEVICES_PER_USER_LICENSE = 5;

/** What becomes of one installation that needs a licence. */
export type LicensingDecision =
  | { readonly kind: "join"; readonly facts: LicensingFacts; readonly licenseId: string }
  | { readonly kind: "claim"; readonly facts: LicensingFacts; readonly need: HolderNeed }
  | { readonly kind: "register"; readonly facts: LicensingFacts; readonly userId: string }
  /** This batch has another licence for the same device already: it joins that in the next one. */
  | { readonly kind: "later"; readonly facts: LicensingFacts }
  | Placing<"wait">
  | Placing<"refuse">;

/** It gets no licence now, or at all. */
interface Placing<Kind> {
  readonly kind: Kind;
  readonly facts: LicensingFacts;
  readonly state: S;
  readonly reason: R;
  readonly detail?: string;
  readonly remedy?: string;
}

/** Decides one batch after the other, each knowing what those before it have got. */
export interface LicensingRound {
  decide(batch: readonly LicensingFacts[]): LicensingDecision[];
  /** What all of them have left. */
  left(): AppStock;
}

/**
 * Rule 5, one need, one licence: for each installation, in their order, whether it joins a licence, claims one, waits or
 * gets none. One that waits, since what is free is kept for others, keeps nobody behind it from what is kept for them.
 * Pure: what it counts is what it has decided itself, in this batch (licensing, which then reads anew) or in several (a plan).
 */
export function licensingRound(stock: AppStock): LicensingRound {
  const devicesOf = new Map<string, Set<string>>();
  const servedBy = new Map<string, string>();
  const claimed = new Set<string>();
  let left = stock;
  const decideOne = (facts: LicensingFacts): LicensingDecision => {
    const decision = decide(facts, devicesOf);
    if (decision.kind !== "claim" && decision.kind !== "join") return decision;
    const source = decision.kind === "claim" ? `claim ${decision.need.key}` : `join ${decision.licenseId}`;
    if ((servedBy.get(facts.deviceId) ?? source) !== source) return { kind: "later", facts };
    if (decision.kind === "join") {
      servedBy.set(facts.deviceId, source);
      return decision;
    }
    const { key } = decision.need;
    if (!claimed.has(key)) {
      if (freeFor(left, facts.collectionId) === 0) return outOfStock(facts);
      left = afterClaim(left, facts.collectionId);
      claimed.add(key);
    }
    servedBy.set(facts.deviceId, source);
    return decision;
  };
  return { decide: (batch) => batch.map(decideOne), left: () => left };
}

/** The decisions of one batch by itself. */
export function decideLicensing(batch: readonly LicensingFacts[], stock: AppStock): LicensingDecision[] {
  return licensingRound(stock).decide(batch);
}

/** It waits for a licence that it may claim, without end. */
export function outOfStock(facts: LicensingFacts): Placing<"wait"> {
  const remedy = "Buy more licences, take back some that are not used, or release some that are reserved.";
  return { kind: "wait", facts, state: S.WAITING_FOR_LICENSE, reason: R.OUT_OF_STOCK, remedy };
}

function decide(facts: LicensingFacts, devicesOf: Map<string, Set<string>>): LicensingDecision {
  if (facts.servedElsewhere) return refuse(facts, R.SERVED_BY_OTHER_TOKEN);
  if (facts.openLicenseState === LicenseState.RETURNING) {
    return { kind: "wait", facts, state: S.WAITING_FOR_LICENSE, reason: R.LICENSE_RETURNING };
  }
  if (facts.openLicenseId !== null && facts.ownLicense) return { kind: "join", facts, licenseId: facts.openLicenseId };
  return facts.licensing === DeploymentLicensing.USER ? decideForUser(facts, devicesOf) : decideForDevice(facts);
}

function decideForDevice(facts: LicensingFacts): LicensingDecision {
  if (facts.serial === null) return refuse(facts, R.NO_SERIAL);
  const need = { kind: HolderKind.DEVICE, key: facts.serial, deviceId: facts.deviceId, appleUserId: null };
  return { kind: "claim", facts, need };
}

function decideForUser(facts: LicensingFacts, devicesOf: Map<string, Set<string>>): LicensingDecision {
  if (facts.userId === null) return refuse(facts, R.NO_USER);
  if (facts.userLeft && facts.openLicenseId === null) return refuse(facts, R.USER_LEFT);
  if (facts.registration === AppleUserStatus.REFUSED) return refuseUnregistered(facts);
  if (isSixthDevice(facts, facts.userId, devicesOf))
    return refuse(facts, R.DEVICE_LIMIT, "Use device licensing for this device.");
  if (facts.registration === null) return { kind: "register", facts, userId: facts.userId };
  if (facts.registration === AppleUserStatus.REQUESTED) {
    return { kind: "wait", facts, state: S.WAITING_FOR_USER, reason: R.REGISTRATION_OPEN };
  }
  if (facts.registration === AppleUserStatus.REGISTERED && facts.openLicenseId === null) {
    const remedy = "Ask the person to open the invitation link and sign in.";
    return { kind: "wait", facts, state: S.WAITING_FOR_USER, reason: R.INVITATION_OPEN, remedy };
  }
  if (facts.openLicenseId !== null) return { kind: "join", facts, licenseId: facts.openLicenseId };
  const need = {
    kind: HolderKind.USER,
    key: facts.clientUserId ?? "",
    deviceId: null,
    appleUserId: facts.appleUserId,
  };
  return { kind: "claim", facts, need };
}

/** In the words of whoever refused it: Apple, five attempts in vain, or an admin who gave it up. */
function refuseUnregistered(facts: LicensingFacts): LicensingDecision {
  const { refusal } = facts;
  const refused = refuse(
    facts,
    refusal?.givenUp ? R.OPERATION_ABANDONED : R.REGISTRATION_REFUSED,
    refusal?.remedy ?? "See the user's registration with Apple, mend the account, then retry.",
  );
  return refusal?.detail ? { ...refused, detail: refusal.detail } : refused;
}

/** Also of somebody who has no licence yet: five devices wait, and the sixth need not. */
function isSixthDevice(facts: LicensingFacts, userId: string, devicesOf: Map<string, Set<string>>): boolean {
  const devices = devicesOf.get(userId) ?? new Set<string>();
  devicesOf.set(userId, devices);
  if (devices.has(facts.deviceId)) return false;
  if (facts.devicesServed + devices.size >= DEVICES_PER_USER_LICENSE) return true;
  devices.add(facts.deviceId);
  return false;
}

function refuse(facts: LicensingFacts, reason: R, remedy?: string): Placing<"refuse"> {
  return { kind: "refuse", facts, state: S.NOT_APPLICABLE, reason, ...(remedy === undefined ? {} : { remedy }) };
}

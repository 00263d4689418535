import type { DeviceAppState, Failure, FailureCode } from "../contract.js";
import type { Wish } from "./own-collections.js";
import type { AssetDetails } from "./wire.js";

/** What one row means. */
export interface Meaning {
  readonly state: DeviceAppState;
  readonly failure?: Failure;
}

/** EnforcementState of topic 1702 (state messages of applications); the documented class page still has the list of updates. */
const WORDS: Readonly<Record<number, string>> = {
  2011: "waiting for somebody to sign in",
  2012: "waiting for somebody to sign out",
  2013: "waiting for somebody to sign in again",
  2016: "waiting for the end of presentation mode",
  3000: "the requirements are not met",
  3001: "the device is not one for this app",
  5000: "the deployment failed",
  5001: "the evaluation failed",
  5002: "the installation failed",
  5003: "the content was not found",
  5004: "an app that it depends on failed",
  5005: "the content of an app that it depends on was not found",
  5006: "it conflicts with another deployment of the app",
  5007: "it failed and waits to be tried again",
  5008: "the app that it replaces could not be removed",
  5009: "the app that it replaces could not be downloaded",
  5010: "the virtual environment could not be made",
  5011: "the licence could not be installed",
  5012: "the device allows no such apps",
  5013: "there is no licence for it",
  5014: "the system of the device is not supported",
};

const SUCCEEDED: ReadonlySet<number> = new Set([1000, 1001]);
const UNDER_WAY: ReadonlySet<number> = new Set([2002, 2007]);
const NEEDS_USER: ReadonlySet<number> = new Set([2011, 2012, 2013, 2016]);
const NO_LICENSE = 5013;
const UNSUPPORTED: ReadonlySet<number> = new Set([3000, 3001, 5014]);

const SUCCESS = 1;
const STATES: Readonly<Record<number, DeviceAppState>> = { 2: "pending", 3: "failed", 4: "unknown", 5: "failed" };
/** Of several rows of one device, one a deployment type, the first of these counts. */
const ORDER: readonly DeviceAppState[] = [
  "installed",
  "removed",
  "installing",
  "needs-user",
  "pending",
  "failed",
  "unknown",
];

/**
 * What a device's row says, as seen from what was wanted: success of an uninstall is absence. Success needs both columns: a
 * state of 1002 or 1003 was told before anything was looked at.
 */
export function interpret({ StatusType, AppStatusType, EnforcementState }: AssetDetails, wish: Wish): Meaning {
  const type = StatusType ?? AppStatusType ?? 0;
  const code = EnforcementState ?? 0;
  if (code < 1000) return ofType(type, code, wish);
  if (SUCCEEDED.has(code)) return type === SUCCESS || type === 0 ? done(wish) : { state: "pending" };
  if (code < 2000) return { state: "pending" };
  if (UNDER_WAY.has(code)) return { state: wish === "install" ? "installing" : "pending" };
  if (NEEDS_USER.has(code)) return { state: "needs-user", failure: failureOf(code, "NEEDS_USER") };
  if (code < 3000) return { state: "pending" };
  if (code >= 4000 && code < 5000) return { state: "unknown" };
  return { state: "failed", failure: failureOf(code, codeOf(code, wish)) };
}

/** Of several rows of one device what counts. */
export function strongest(meanings: readonly Meaning[]): Meaning {
  const rank = ({ state, failure }: Meaning) => ORDER.indexOf(state) + (failure?.code === "NOT_SUPPORTED" ? 0.5 : 0);
  return [...meanings].sort((a, b) => rank(a) - rank(b))[0] ?? { state: "pending" };
}

/** Without a state of the thousands the type alone counts. */
function ofType(type: number, code: number, wish: Wish): Meaning {
  if (type === SUCCESS) return done(wish);
  const state = STATES[type] ?? "unknown";
  if (state !== "failed") return { state };
  return { state, failure: failureOf(code, type === 3 ? "NOT_SUPPORTED" : codeOf(code, wish)) };
}

function done(wish: Wish): Meaning {
  return { state: wish === "install" ? "installed" : "removed" };
}

function codeOf(code: number, wish: Wish): FailureCode {
  if (code === NO_LICENSE) return "NO_LICENSE";
  if (UNSUPPORTED.has(code)) return "NOT_SUPPORTED";
  return wish === "install" ? "INSTALL_FAILED" : "REMOVE_FAILED";
}

function failureOf(code: number, failureCode: FailureCode): Failure {
  const words = WORDS[code] ?? "the device reports a failure";
  const remedy = REMEDIES[failureCode];
  return {
    code: failureCode,
    detail: `Configuration Manager says: ${words} (EnforcementState ${code}).`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

const REMEDIES: Readonly<Partial<Record<FailureCode, string>>> = {
  NO_LICENSE: "See that the licence at Apple is assigned to this device or its user, then retry.",
  NOT_SUPPORTED: "Leave this device out of the deployment, or deploy an app that it can run.",
  NEEDS_USER: "Have somebody sign in or unlock the device; it goes on by itself.",
  INSTALL_FAILED: "Look at the deployment's status in the console, then retry.",
  REMOVE_FAILED: "Look at the deployment's status in the console; the removal is tried again daily.",
};

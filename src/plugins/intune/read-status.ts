import type { Failure, StepStatus } from "../contract.js";
import type { StepHandle } from "./handle.js";
import type { ReportRow } from "./report-rows.js";

const STATE = { notApplicable: -1, installed: 1, failed: 2, notInstalled: 3, uninstallFailed: 4, pendingInstall: 5 };

/** Not there yet, or what a removal before has left behind. */
const WAITING: ReadonlySet<number> = new Set([STATE.notInstalled, STATE.uninstallFailed, STATE.pendingInstall]);

/** `resultantAppStateDetail` that says more than the state. */
const DETAIL = {
  userRejectedUpdate: 1002,
  userRejectedInstall: 3002,
  notSignedIn: 3003,
  pendingReboot: 5000,
  installingDependencies: 5001,
  contentDownloaded: 5002,
};
const NOT_SUPPORTED_DETAILS: ReadonlySet<number> = new Set([-1006, -1002]);

/** Error codes of iOS apps, of which Intune has words for people alone: no license, and a person who said no. */
const NO_LICENSE: ReadonlySet<number> = new Set([-2016330882, -2016330859, -2016333507]);
const REFUSED: ReadonlySet<number> = new Set([-2016330910, -2016330909, -2016330904]);

export type State = Pick<StepStatus, "state" | "failure">;

/** What a row means for what was wanted (reference: mdm-targets 3.1). */
export function readStatus(wants: StepHandle["wants"], row: ReportRow): State {
  return wants === "installed" ? ofInstall(row) : ofRemoval(row);
}

function ofInstall(row: ReportRow): State {
  if (row.state === STATE.installed) return { state: "installed" };
  if (row.state === STATE.notApplicable) return { state: "failed", failure: failureOf(row, "NOT_SUPPORTED") };
  const waits = waitingFor(row);
  if (waits) return waits;
  if (row.state === STATE.failed) return { state: "failed", failure: failureOf(row, codeOf(row)) };
  return { state: WAITING.has(row.state) ? "pending" : "unknown" };
}

function waitingFor({ state, detail }: ReportRow): State | null {
  if (detail === DETAIL.notSignedIn) {
    return needsUser(
      "Nobody is signed in to the App Store on the device.",
      "Sign in to the App Store with an Apple Account.",
    );
  }
  if (state !== STATE.pendingInstall) return null;
  if (detail === DETAIL.pendingReboot) return needsUser("The device waits for a restart.", "Restart the device.");
  const isBusy = detail === DETAIL.contentDownloaded || detail === DETAIL.installingDependencies;
  return isBusy ? { state: "installing" } : null;
}

function needsUser(detail: string, remedy: string): State {
  return { state: "needs-user", failure: { code: "NEEDS_USER", detail, remedy } };
}

/** An app that does not fit the device, or whose install has failed, is still to be reported as not installed. */
function ofRemoval(row: ReportRow): State {
  switch (row.state) {
    case STATE.notInstalled:
    case STATE.notApplicable:
      return { state: "removed" };
    case STATE.uninstallFailed:
      return { state: "failed", failure: failureOf(row, "REMOVE_FAILED") };
    case STATE.installed:
    case STATE.failed:
    case STATE.pendingInstall:
      return { state: "pending" };
    default:
      return { state: "unknown" };
  }
}

function codeOf({ detail, errorCode }: ReportRow): Failure["code"] {
  if (detail === DETAIL.userRejectedInstall || detail === DETAIL.userRejectedUpdate || REFUSED.has(errorCode)) {
    return "USER_REFUSED";
  }
  if (NO_LICENSE.has(errorCode)) return "NO_LICENSE";
  return NOT_SUPPORTED_DETAILS.has(detail) ? "NOT_SUPPORTED" : "INSTALL_FAILED";
}

const WORDS: Readonly<Partial<Record<Failure["code"], readonly [string, string]>>> = {
  NOT_SUPPORTED: [
    "The app does not fit the device.",
    "Deploy it to devices of a platform and version that the app supports.",
  ],
  USER_REFUSED: [
    "The person at the device refused the app.",
    "Ask them to accept it; Intune offers it again at a check-in.",
  ],
  NO_LICENSE: [
    "There was no license for the device or its user.",
    "Buy licenses, or free some, and synchronise the token.",
  ],
  INSTALL_FAILED: ["The device could not install the app.", "Intune tries again at the device's check-ins."],
  REMOVE_FAILED: ["The device could not remove the app.", "Intune tries again at the device's check-ins."],
};

function failureOf({ state, detail, errorCode }: ReportRow, code: Failure["code"]): Failure {
  const [sentence, remedy] = WORDS[code] ?? ["The app failed.", "See the app's device install status in Intune."];
  const hex = errorCode === 0 ? "" : `, error 0x${(errorCode >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
  return { code, detail: `${sentence} Intune says: state ${state}, detail ${detail}${hex}.`, remedy };
}

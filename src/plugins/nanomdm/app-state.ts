import type { DeviceAppState, Failure } from "../contract.js";
import type { Goal } from "./command-uuid.js";

/** What an app's state on a device means for a Step, and whether there is anything to wait for. */
export interface AppView {
  readonly state: DeviceAppState;
  readonly failure?: Failure;
  /** False when the state is the end. */
  readonly isOpen: boolean;
}

const pending: AppView = { state: "pending", isOpen: true };
const installing: AppView = { state: "installing", isOpen: true };
const unknown: AppView = { state: "unknown", isOpen: true };
const installed: AppView = { state: "installed", isOpen: false };
const removed: AppView = { state: "removed", isOpen: false };

/** Apple's `Status` of ManagedApplicationList and `State` of InstallApplication. What was refused or has failed, and what the person has installed, is told once only. */
const WHILE_INSTALLING: Readonly<Record<string, AppView>> = {
  Queued: pending,
  Redeeming: pending,
  ValidatingPurchase: pending,
  NeedsRedemption: needsUser("The device waits for a redemption code to be entered."),
  Prompting: needsUser("The device asks the person whether the app may be installed."),
  PromptingForLogin: needsUser("The device asks the person to sign in to the App Store."),
  PromptingForManagement: needsUser("The device asks the person whether the app may be managed."),
  PromptingForUpdate: needsUser("The device asks the person whether the app may be updated."),
  PromptingForUpdateLogin: needsUser("The device asks the person to sign in to the App Store for an update."),
  Installing: installing,
  Updating: installing,
  ValidatingUpdate: installing,
  Managed: installed,
  // It may be a moment ago: the install that is under way brings it back.
  ManagedButUninstalled: { state: "removed", isOpen: true },
  Unknown: unknown,
  UserInstalledApp: installed,
  UserRejected: refused("The person refused the app."),
  ManagementRejected: refused("The person refused that the app be managed."),
  // What was to be updated is there: the list tells so the next time.
  UpdateRejected: pending,
  Failed: {
    state: "failed",
    isOpen: false,
    failure: { code: "INSTALL_FAILED", detail: "The device says that the install failed." },
  },
};

/** @param status of the app on the device; undefined when the device does not list it as managed. */
export function appView(goal: Goal, status: string | undefined): AppView {
  if (goal === "install") return status === undefined ? pending : (WHILE_INSTALLING[status] ?? unknown);
  if (status === undefined || status === "ManagedButUninstalled") return removed;
  if (status !== "UserInstalledApp") return pending;
  const detail = "The person has installed the app themselves, so it cannot be removed from afar.";
  return { state: "failed", isOpen: false, failure: { code: "REMOVE_FAILED", detail } };
}

/** Apple's `RejectionReason` of InstallApplication. */
export function rejectionView(reason: string): AppView {
  if (reason === "AppAlreadyQueued") return pending;
  const remedies: Readonly<Record<string, string>> = {
    AppAlreadyInstalled:
      "The person has installed it: turn on `takeOverApps` in the target's settings, or delete it there.",
    AppStoreDisabled: "Allow the App Store on the device, then retry.",
  };
  const remedy = remedies[reason];
  const isUnsupported = reason.includes("NotSupported") || reason === "NotAnApp";
  const failure: Failure = {
    code: isUnsupported ? "NOT_SUPPORTED" : "INSTALL_FAILED",
    detail: `The device refuses the install: ${reason}.`,
    ...(remedy === undefined ? {} : { remedy }),
  };
  return { state: "failed", isOpen: false, failure };
}

function needsUser(detail: string): AppView {
  const remedy = "Somebody has to answer on the device.";
  return { state: "needs-user", isOpen: true, failure: { code: "NEEDS_USER", detail, remedy } };
}

function refused(detail: string): AppView {
  const remedy = "Retry once they agree; the device asks again.";
  return { state: "failed", isOpen: false, failure: { code: "USER_REFUSED", detail, remedy } };
}

import { type Dictionary, readPlist } from "./property-list.js";
import { SimulatedApp } from "./simulated-app.js";
import type { ErrorCause, SimulatedDevice } from "./simulated-device.js";
import type { Store } from "./store.js";
import type { Switches } from "./switches.js";

/** What a device knows when a command comes. */
export interface Surroundings {
  readonly store: Store;
  readonly switches: Switches;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** An answer without the ids that every one has. */
export type CommandAnswer = { readonly Status: string } & Dictionary;

/** Carries a command out as Apple's devices do, and answers: the work goes on after that. */
export async function answerCommand(
  device: SimulatedDevice,
  raw: string,
  surroundings: Surroundings,
): Promise<CommandAnswer> {
  const command = (readPlist(raw).Command ?? {}) as Dictionary;
  const requestType = String(command.RequestType);
  const planned = device.plannedAnswers.find(
    (plan) => plan.requestType === undefined || plan.requestType === requestType,
  );
  if (planned) {
    planned.count -= 1;
    if (planned.count <= 0) device.plannedAnswers.splice(device.plannedAnswers.indexOf(planned), 1);
    return planned.status === "Error" ? failed(planned.errorChain ?? []) : { Status: planned.status };
  }
  switch (requestType) {
    case "InstallApplication":
      return install(device, command, surroundings);
    case "RemoveApplication":
      return remove(device, command, surroundings);
    case "ManagedApplicationList":
      return listApps(device, command, surroundings.now);
    case "InviteToProgram":
      return invite(device, command);
    case "DeviceInformation":
      return describe(device);
    default:
      return { Status: "CommandFormatError" };
  }
}

async function install(
  device: SimulatedDevice,
  command: Dictionary,
  surroundings: Surroundings,
): Promise<CommandAnswer> {
  const { store, switches, now } = surroundings;
  const adamId = String(command.iTunesStoreID);
  const bundleId = await store.bundleIdOf(adamId);
  if (bundleId === undefined) return rejected("CouldNotVerifyAppID");
  const rejection = device.rejections.get(adamId) ?? device.rejections.get("*");
  if (rejection !== undefined) return rejected(rejection);
  const present = device.apps.get(bundleId);
  if (present?.isDeclared) return failed([DECLARED]);
  if (present?.isInstalled(now) && !present.isManaged(now) && command.ChangeManagementState !== "Managed") {
    return rejected("AppAlreadyInstalled");
  }
  if (!(await store.hasLicense(device, adamId))) return failed([NO_LICENSE]);
  device.installs.set(adamId, (device.installs.get(adamId) ?? 0) + 1);
  // Sent again for a managed app, the command is an update.
  if (present?.isManaged(now)) return { Status: "Acknowledged", Identifier: bundleId, State: "Managed" };
  if (present && !present.isGone(now) && isUnderWay(present.status(now))) return rejected("AppAlreadyQueued");
  const isManagedMac = device.kind !== "Mac" || command.InstallAsManaged === true;
  const end =
    device.installEnds.get(adamId) ?? device.installEnds.get("*") ?? (isManagedMac ? "Managed" : "UserInstalledApp");
  const flags = Number(command.ManagementFlags ?? 0);
  const app = new SimulatedApp(adamId, bundleId, now, switches.installMs, end, flags);
  device.apps.set(bundleId, app);
  return { Status: "Acknowledged", Identifier: bundleId, State: app.status(now) ?? "Queued" };
}

function isUnderWay(status: string | undefined): boolean {
  return ["Queued", "ValidatingPurchase", "Installing"].includes(status ?? "");
}

function remove(device: SimulatedDevice, command: Dictionary, { switches, now }: Surroundings): CommandAnswer {
  const app = device.apps.get(String(command.Identifier));
  if (!app || app.isGone(now)) return failed([NOT_THERE]);
  if (app.isDeclared) return failed([DECLARED]);
  if (app.isInstalled(now) && !app.isManaged(now)) return failed([NOT_MANAGED]);
  app.removeAt(now + switches.removeMs);
  return { Status: "Acknowledged" };
}

/** A dictionary by bundle id, of the apps that are asked for, or of all. */
function listApps(device: SimulatedDevice, command: Dictionary, now: number): CommandAnswer {
  const wanted = Array.isArray(command.Identifiers) ? new Set(command.Identifiers.map(String)) : null;
  const list: Dictionary = {};
  for (const app of device.apps.values()) {
    const status = wanted === null || wanted.has(app.bundleId) ? app.tell(now) : undefined;
    if (status === undefined) continue;
    list[app.bundleId] = {
      Status: status,
      ManagementFlags: app.managementFlags,
      HasConfiguration: false,
      HasFeedback: false,
      IsValidated: true,
      ExternalVersionIdentifier: 850_000_001,
    };
  }
  return { Status: "Acknowledged", ManagedApplicationList: list };
}

function invite(device: SimulatedDevice, command: Dictionary): CommandAnswer {
  if (command.ProgramID !== "com.apple.cloudvpp")
    return { Status: "Acknowledged", InvitationResult: "InvalidProgramID" };
  const url = String(command.InvitationURL);
  if (!/^https?:\/\//.test(url)) return { Status: "Acknowledged", InvitationResult: "InvalidInvitationURL" };
  device.invitations.push(url);
  return { Status: "Acknowledged", InvitationResult: "Acknowledged" };
}

function describe(device: SimulatedDevice): CommandAnswer {
  const { serialNumber: SerialNumber, name: DeviceName, productName: ProductName, udid: UDID } = device;
  return { Status: "Acknowledged", QueryResponses: { SerialNumber, DeviceName, ProductName, UDID } };
}

/** Numbers and words are made up where Apple documents none. */
const DECLARED: ErrorCause = {
  ErrorCode: 12091,
  ErrorDomain: "MCMDMErrorDomain",
  USEnglishDescription: "The app is managed by a declaration.",
};
const NO_LICENSE: ErrorCause = {
  ErrorCode: 12064,
  ErrorDomain: "MCMDMErrorDomain",
  USEnglishDescription: "No license was found for the app.",
};
const NOT_THERE: ErrorCause = {
  ErrorCode: 12024,
  ErrorDomain: "MCMDMErrorDomain",
  USEnglishDescription: "The app is not installed.",
};
const NOT_MANAGED: ErrorCause = {
  ErrorCode: 12025,
  ErrorDomain: "MCMDMErrorDomain",
  USEnglishDescription: "The app is not managed.",
};

function failed(causes: readonly ErrorCause[]): CommandAnswer {
  const ErrorChain = causes.map(
    (cause) => Object.fromEntries(Object.entries(cause).filter(([, value]) => value !== undefined)) as Dictionary,
  );
  return { Status: "Error", ErrorChain };
}

function rejected(reason: string): CommandAnswer {
  return { Status: "Acknowledged", State: "Failed", RejectionReason: reason };
}

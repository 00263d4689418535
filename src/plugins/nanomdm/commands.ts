import type { Inquiry, Invitation, Step } from "../contract.js";
import { decodeHandle, inquiryUuid, invitationUuid, lookUuid, orderUuid } from "./command-uuid.js";
import { writePropertyList } from "./property-list.js";
import type { ServerSettings } from "./settings.js";

/** One MDM command, ready to be queued. */
export interface Command {
  readonly uuid: string;
  /** The XML property list. */
  readonly body: string;
}

/** What a Step comes to. */
export interface Order {
  /** The CommandUUID by which the Step is known; of a `verify`, that of the Step that it looks after. */
  readonly uuid: string;
  readonly command: Command;
}

/** ManagementFlags: the app goes with the management; its data stay out of backups. */
const REMOVE_WITH_MANAGEMENT = 1;
const PREVENT_BACKUP = 4;

/** By an assignment of the volume purchase programme. */
const PURCHASE_BY_LICENSE = 1;

/** @param bundleId of the Step's app. Null for a `verify` whose handle is not ours. */
export function orderOf(step: Step, bundleId: string, settings: ServerSettings): Order | null {
  if (step.action === "verify") {
    const uuid = decodeHandle(step.handle ?? "")?.order;
    const list = { RequestType: "ManagedApplicationList", Identifiers: [bundleId] };
    return uuid === undefined ? null : { uuid, command: command(lookUuid(uuid, step.key), list) };
  }
  const uuid = orderUuid(step.action, step.key, bundleId);
  const content =
    step.action === "install"
      ? installation(step, settings)
      : { RequestType: "RemoveApplication", Identifier: bundleId };
  return { uuid, command: command(uuid, content) };
}

/** InviteToProgram: the device shows the person Apple's invitation to the volume purchase programme. */
export function invitationOf({ key, url }: Invitation): Command {
  const content = { RequestType: "InviteToProgram", ProgramID: "com.apple.cloudvpp", InvitationURL: url };
  return command(invitationUuid(key), content);
}

/** DeviceInformation: the device tells what is to be known of it. */
export function inquiryOf({ key }: Inquiry): Command {
  const content = { RequestType: "DeviceInformation", Queries: ["SerialNumber", "DeviceName", "ProductName"] };
  return command(inquiryUuid(key), content);
}

function installation({ app, device }: Step, settings: ServerSettings) {
  const flags =
    (settings.removeWithManagement ? REMOVE_WITH_MANAGEMENT : 0) + (settings.preventBackup ? PREVENT_BACKUP : 0);
  const isMac = device.platform === "macOS";
  const mayBeMac = isMac || device.platform === null;
  const isMobileApp = app.platforms.includes("iOS") && !app.platforms.includes("macOS");
  return {
    RequestType: "InstallApplication",
    iTunesStoreID: Number(app.adamId),
    Options: { PurchaseMethod: PURCHASE_BY_LICENSE },
    ManagementFlags: flags,
    // Without it a Mac's app is not managed, and could not be removed; others do not look at it.
    ...(mayBeMac ? { InstallAsManaged: true } : {}),
    ...(isMac && isMobileApp ? { iOSApp: true } : {}),
    ...(settings.takeOverApps && !isUserEnrollment(device) ? { ChangeManagementState: "Managed" } : {}),
  };
}

/** Under User Enrollment a device has an id of the enrolment, and tells no UDID. */
function isUserEnrollment({ udid, serial }: Step["device"]): boolean {
  return udid === null && serial === null;
}

function command(uuid: string, content: Parameters<typeof writePropertyList>[0]): Command {
  return { uuid, body: writePropertyList({ Command: content, CommandUUID: uuid }) };
}

import { memberLookup, membershipIds } from "./directory.js";
import { givePlace, licenseFor, returnLicense } from "./licenses.js";
import type { Assignment, ManagedDevice, MobileApp, ReportRow } from "./model.js";
import type { World } from "./world.js";

/** `resultantAppState` by number, and the details and errors that this simulator reports with them. */
const STATE = {
  notApplicable: -1,
  installed: 1,
  failed: 2,
  notInstalled: 3,
  uninstallFailed: 4,
  pendingInstall: 5,
};
const DETAIL = {
  none: 0,
  managedAppNoLongerPresent: 3001,
  platformNotApplicable: -1006,
  seeInstallErrorCode: 2000,
  userRejectedInstall: 3002,
  userIsNotLoggedIntoAppStore: 3003,
  seeUninstallErrorCode: 4000,
};
const ERROR = {
  none: 0,
  noLicensesLeft: -2016330882,
  installFailed: -2016330908,
  userRejected: -2016330910,
  notForUserEnrollment: -2016330859,
};

const MAC = ["macOS"];
const MOBILE = ["iOS", "iPadOS", "visionOS"];

/** A managed device hears what is assigned to it, does it, and reports. @returns whether it is still busy with something. */
export function checkIn(world: World, device: ManagedDevice, membersOf = memberLookup(world)): boolean {
  if (device.behaviour.offline) return false;
  device.lastSyncDateTime = new Date().toISOString();
  const ids = new Set(membershipIds(world, device));
  let busy = false;
  for (const app of world.apps.values()) {
    const assignment = effectiveAssignment(app, ids, membersOf);
    if (assignment === null) withdraw(world, app, device);
    else if (assignment.intent === "uninstall") report(world, app, device, uninstall(world, app, device));
    else busy = requireApp(world, app, device, assignment) || busy;
  }
  return busy;
}

type Members = ReturnType<typeof memberLookup>;

/** Required beats uninstall; what is merely available is nobody's order. */
function effectiveAssignment(app: MobileApp, ids: ReadonlySet<string>, membersOf: Members): Assignment | null {
  const reaching = app.assignments.filter(({ target }) => reaches(target, ids, membersOf));
  if (reaching.some(({ target }) => target["@odata.type"].endsWith("exclusionGroupAssignmentTarget"))) return null;
  const required = reaching.filter(({ intent }) => intent === "required");
  const byDevice = required.find(({ settings }) => settings?.useDeviceLicensing === true);
  return byDevice ?? required[0] ?? reaching.find(({ intent }) => intent === "uninstall") ?? null;
}

function reaches(target: Assignment["target"], ids: ReadonlySet<string>, membersOf: Members): boolean {
  if (target.groupId === undefined) return target["@odata.type"].endsWith("allDevicesAssignmentTarget");
  const members = membersOf(target.groupId);
  return [...ids].some((id) => members.has(id));
}

/** @returns whether the device is still busy installing. */
function requireApp(world: World, app: MobileApp, device: ManagedDevice, assignment: Assignment): boolean {
  const byDevice = assignment.settings?.useDeviceLicensing === true;
  const obstacle = obstacleTo(app, device, byDevice);
  if (obstacle) {
    report(world, app, device, obstacle);
    return false;
  }
  if (!givePlace(world, app, device, byDevice ? "device" : "user")) {
    report(world, app, device, row(STATE.failed, DETAIL.seeInstallErrorCode, ERROR.noLicensesLeft));
    return false;
  }
  const refusal = refusalOf(device);
  if (refusal && !app.installed.has(device.id)) {
    report(world, app, device, refusal);
    return false;
  }
  const looks = (app.installing.get(device.id) ?? 0) + 1;
  if (!app.installed.has(device.id) && looks < world.switches.checkInsToInstall) {
    app.installing.set(device.id, looks);
    report(world, app, device, row(STATE.pendingInstall, DETAIL.none));
    return true;
  }
  app.installing.delete(device.id);
  app.installed.add(device.id);
  report(world, app, device, row(STATE.installed, DETAIL.none));
  return false;
}

function obstacleTo(app: MobileApp, device: ManagedDevice, byDevice: boolean): ReportRow | null {
  const fitting = app.type === "macOsVppApp" ? MAC : MOBILE;
  if (!fitting.includes(device.operatingSystem)) return row(STATE.notApplicable, DETAIL.platformNotApplicable);
  const isUserEnrolled = device.deviceEnrollmentType.startsWith("appleUserEnrollment");
  if (byDevice ? isUserEnrolled || !app.supportsDeviceLicensing : device.userId === "") {
    return row(STATE.failed, DETAIL.seeInstallErrorCode, ERROR.notForUserEnrollment);
  }
  return null;
}

function refusalOf({ behaviour }: ManagedDevice): ReportRow | null {
  if (behaviour.install === "refused") return row(STATE.failed, DETAIL.userRejectedInstall, ERROR.userRejected);
  if (behaviour.install === "fails") return row(STATE.failed, DETAIL.seeInstallErrorCode, ERROR.installFailed);
  if (behaviour.install === "needs-sign-in") return row(STATE.pendingInstall, DETAIL.userIsNotLoggedIntoAppStore);
  return null;
}

/** The license stays, as it does when nobody tells Intune to take it. */
export function removeByHand(app: MobileApp, device: ManagedDevice): ReportRow {
  const reported = row(STATE.notInstalled, DETAIL.managedAppNoLongerPresent);
  app.installed.delete(device.id);
  app.report.set(device.id, reported);
  return reported;
}

/** The app goes, and its license with it. */
function uninstall(world: World, app: MobileApp, device: ManagedDevice): ReportRow {
  if (device.behaviour.uninstall === "fails" && app.installed.has(device.id)) {
    return row(STATE.uninstallFailed, DETAIL.seeUninstallErrorCode, ERROR.installFailed);
  }
  app.installed.delete(device.id);
  app.installing.delete(device.id);
  returnLicense(world, app, device);
  return row(STATE.notInstalled, DETAIL.none);
}

/** Nothing is assigned any more: the license is reclaimed, on iOS the app goes too, and the row is gone. */
function withdraw(world: World, app: MobileApp, device: ManagedDevice): void {
  if (!app.report.has(device.id) && licenseFor(app, device) === undefined) return;
  if (app.type === "iosVppApp") app.installed.delete(device.id);
  app.installing.delete(device.id);
  returnLicense(world, app, device);
  app.report.delete(device.id);
}

/** What stays as it was keeps its time. */
function report(world: World, app: MobileApp, device: ManagedDevice, next: ReportRow): void {
  const before = app.report.get(device.id);
  if (before?.state === next.state && before.detail === next.detail && before.errorCode === next.errorCode) return;
  if (world.switches.reportLagMs === 0) app.report.set(device.id, next);
  else world.after(world.switches.reportLagMs, () => app.report.set(device.id, next));
}

function row(state: number, detail: number, errorCode = ERROR.none): ReportRow {
  return { state, detail, errorCode, at: Date.now() };
}

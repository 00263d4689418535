import {
  listAssignedLicenses,
  revokeAllLicenses,
  revokeDeviceLicense,
  revokeUserLicense,
} from "./endpoints/app-licenses.js";
import {
  addAssignment,
  changeAssignment,
  listAssignments,
  removeAssignment,
  replaceAssignments,
} from "./endpoints/assignments.js";
import { listDirectoryDevices } from "./endpoints/directory-devices.js";
import { getExportJob, startExportJob } from "./endpoints/export-jobs.js";
import { groupDelta } from "./endpoints/group-delta.js";
import { addMember, listMembers, listTransitiveMembers, removeMember } from "./endpoints/group-members.js";
import {
  createGroup,
  deleteGroup,
  getGroup,
  getNamedGroup,
  listGroups,
  updateGroup,
  upsertGroup,
} from "./endpoints/groups.js";
import { getManagedDevice, listDevicesOfUser, listManagedDevices, syncDevice } from "./endpoints/managed-devices.js";
import { getMobileApp, listMobileApps } from "./endpoints/mobile-apps.js";
import { getPushCertificate } from "./endpoints/push-certificate.js";
import { appInstallationReport } from "./endpoints/reports.js";
import { getUser, listUsers } from "./endpoints/users.js";
import { getVppToken, listVppTokens, syncLicenses } from "./endpoints/vpp-tokens.js";
import type { Answer } from "./protocol/answer.js";
import type { GraphRequest } from "./protocol/graph-request.js";

export interface Route {
  readonly method: string;
  /** Of the decoded path below the version; its groups are the request's `parts`. */
  readonly path: RegExp;
  /** Any one of these application permissions is enough. */
  readonly permissions: readonly string[];
  readonly betaOnly?: boolean;
  readonly handle: (request: GraphRequest) => Answer;
}

const either = (area: string, ...access: string[]) => access.map((right) => `DeviceManagement${area}.${right}.All`);
const APPS_READ = [...either("Apps", "Read", "ReadWrite"), ...either("Configuration", "Read", "ReadWrite")];
const APPS_WRITE = [...either("Apps", "ReadWrite"), ...either("Configuration", "ReadWrite")];
const TOKENS_READ = either("ServiceConfig", "Read", "ReadWrite");
const TOKENS_WRITE = either("ServiceConfig", "ReadWrite");
const DEVICES_READ = either("ManagedDevices", "Read", "ReadWrite");
const REPORTS = [...APPS_READ, ...DEVICES_READ];
const PUSH_READ = [...either("ServiceConfig", "ReadWrite"), ...either("ManagedDevices", "Read", "ReadWrite")];
const GROUPS_READ = ["Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const MEMBERS_READ = ["GroupMember.Read.All", "GroupMember.ReadWrite.All", ...GROUPS_READ];
const GROUPS_WRITE = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const MEMBERS_WRITE = ["GroupMember.ReadWrite.All", ...GROUPS_WRITE];
const USERS_READ = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const DIRECTORY_DEVICES_READ = ["Device.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const ID = "([^/()']+)";
const APP = `/deviceAppManagement/mobileApps/${ID}(?:/microsoft\\.graph\\.(?:iosVppApp|macOsVppApp))?`;
const VPP = `/deviceAppManagement/vppTokens/${ID}`;
const REPORT = "/deviceManagement/reports";

function route(
  method: string,
  path: string,
  permissions: readonly string[],
  handle: Route["handle"],
  betaOnly = false,
): Route {
  return { method, path: new RegExp(`^${path}$`), permissions, handle, betaOnly };
}

export const routes: readonly Route[] = [
  route("GET", "/users", USERS_READ, listUsers),
  route("GET", `/users/${ID}`, USERS_READ, getUser),
  route("GET", `/users/${ID}/managedDevices`, DEVICES_READ, listDevicesOfUser),
  route("GET", "/devices", DIRECTORY_DEVICES_READ, listDirectoryDevices),
  route("GET", "/groups", MEMBERS_READ, listGroups),
  route("GET", "/groups/delta(?:\\(\\))?", MEMBERS_READ, groupDelta),
  route("POST", "/groups", GROUPS_WRITE, createGroup),
  route("GET", "/groups/?\\(uniqueName='([^']+)'\\)", MEMBERS_READ, getNamedGroup),
  route("PATCH", "/groups/?\\(uniqueName='([^']+)'\\)", GROUPS_WRITE, upsertGroup),
  route("GET", `/groups/${ID}`, MEMBERS_READ, getGroup),
  route("PATCH", `/groups/${ID}`, MEMBERS_WRITE, updateGroup),
  route("DELETE", `/groups/${ID}`, GROUPS_WRITE, deleteGroup),
  route("GET", `/groups/${ID}/members(?:/microsoft\\.graph\\.(user|device|group))?`, MEMBERS_READ, listMembers),
  route(
    "GET",
    `/groups/${ID}/transitiveMembers(?:/microsoft\\.graph\\.(user|device|group))?`,
    MEMBERS_READ,
    listTransitiveMembers,
  ),
  route("POST", `/groups/${ID}/members/\\$ref`, MEMBERS_WRITE, addMember),
  route("DELETE", `/groups/${ID}/members/${ID}/\\$ref`, MEMBERS_WRITE, removeMember),
  route("GET", "/deviceManagement/managedDevices", DEVICES_READ, listManagedDevices),
  route("GET", `/deviceManagement/managedDevices/${ID}`, DEVICES_READ, getManagedDevice),
  route(
    "POST",
    `/deviceManagement/managedDevices/${ID}/syncDevice`,
    either("ManagedDevices", "PrivilegedOperations"),
    syncDevice,
  ),
  route("GET", "/deviceManagement/applePushNotificationCertificate", PUSH_READ, getPushCertificate),
  route(
    "POST",
    `${REPORT}/(?:microsoft\\.graph\\.)?retrieveDeviceAppInstallationStatusReport`,
    REPORTS,
    appInstallationReport,
  ),
  route("POST", `${REPORT}/exportJobs`, REPORTS, startExportJob),
  route("GET", `${REPORT}/exportJobs(?:\\('([^']+)'\\)|/${ID})`, REPORTS, getExportJob),
  route("GET", "/deviceAppManagement/vppTokens", TOKENS_READ, listVppTokens),
  route("GET", VPP, TOKENS_READ, getVppToken),
  route("POST", `${VPP}/(?:microsoft\\.graph\\.)?syncLicenses`, TOKENS_WRITE, syncLicenses),
  route(
    "GET",
    "/deviceAppManagement/mobileApps(?:/microsoft\\.graph\\.(iosVppApp|macOsVppApp))?",
    APPS_READ,
    listMobileApps,
  ),
  route("GET", APP, APPS_READ, getMobileApp),
  route("POST", `${APP}/assign`, APPS_WRITE, replaceAssignments),
  route("GET", `${APP}/assignments`, APPS_READ, listAssignments),
  route("POST", `${APP}/assignments`, APPS_WRITE, addAssignment),
  route("PATCH", `${APP}/assignments/${ID}`, APPS_WRITE, changeAssignment),
  route("DELETE", `${APP}/assignments/${ID}`, APPS_WRITE, removeAssignment),
  route("GET", `${APP}/assignedLicenses`, APPS_READ, listAssignedLicenses, true),
  route("POST", `${APP}/revokeUserLicense`, APPS_WRITE, revokeUserLicense, true),
  route("POST", `${APP}/revokeDeviceLicense`, APPS_WRITE, revokeDeviceLicense, true),
  route("POST", `${APP}/revokeAllLicenses`, APPS_WRITE, revokeAllLicenses, true),
];

/** Every application permission that some call asks for: what a new tenant's app registration has. */
export const ALL_PERMISSIONS: readonly string[] = [
  ...either("Apps", "ReadWrite"),
  ...either("ServiceConfig", "ReadWrite"),
  ...either("ManagedDevices", "Read", "PrivilegedOperations"),
  "User.Read.All",
  "Device.Read.All",
  "Group.ReadWrite.All",
];

import { directoryIdOf } from "./directory.js";
import { assignmentId, groupTarget } from "./endpoints/assignments.js";
import type { Group, Intent, ManagedDevice, MobileApp, VppToken } from "./model.js";
import { inDays, type World } from "./world.js";

export interface Stock {
  readonly users: number;
  /** Apple devices; a Windows one is there besides. */
  readonly devices: number;
  /** How many of them have no user; the last ones. */
  readonly userless: number;
  readonly apps: number;
  /** Licenses of each app. */
  readonly licenses: number;
  /** Part of every serial number, so that the devices of two tenants differ. */
  readonly serialPrefix: string;
  /** Whether every fifth app and, among ten devices, the ninth is a Mac's, and the tenth comes by User Enrollment. */
  readonly mixed: boolean;
}

const FIRST_ADAM_ID = 6_450_000_001;

/** Fills a new tenant: people, devices, groups of both and of a mixture, a token with its apps, and what others have assigned. */
export function populate(world: World, stock: Stock): void {
  const users = Array.from({ length: stock.users }, (_, index) => addUser(world, index + 1));
  const devices = Array.from({ length: stock.devices }, (_, index) => {
    const hasUser = index < stock.devices - stock.userless && users.length > 0;
    return addDevice(world, stock, index + 1, hasUser ? (users[index % users.length] ?? "") : "");
  });
  const own = devices.map((device) => directoryIdOf(world, device)).filter((id) => id !== "");
  const windows = addWindowsDevice(world);
  addGroup(world, "All users", users);
  addGroup(world, "All devices", [...own, windows]);
  const pilots = addGroup(world, "Pilot devices", own.slice(0, 3));
  addGroup(world, "Nested pilots", [pilots.id]);
  addGroup(world, "Pilot users", users.slice(0, 3));
  addGroup(world, "Mixed", [...users.slice(0, 1), ...own.slice(-1)]);
  addGroup(world, "Empty", []);
  const token = addToken(world, 1);
  const apps = Array.from({ length: stock.apps }, (_, index) => addApp(world, token, stock, index + 1));
  if (apps[0]) addForeignAssignments(world, apps[0]);
}

export function addUser(world: World, number: number): string {
  const name = `user${number}@allotment.example`;
  const id = world.random.uuid();
  world.users.set(id, { id, userPrincipalName: name, displayName: `User ${number}`, mail: name });
  return id;
}

export function addGroup(world: World, displayName: string, members: readonly string[]): Group {
  const group: Group = {
    id: world.random.uuid(),
    displayName,
    description: null,
    mailNickname: displayName.toLowerCase().replaceAll(" ", "-"),
    uniqueName: null,
    securityEnabled: true,
    mailEnabled: false,
    groupTypes: [],
    membershipRule: null,
    members: new Set(members),
  };
  world.groups.set(group.id, group);
  return group;
}

export function addToken(world: World, number: number): VppToken {
  const token: VppToken = {
    id: world.random.uuid(),
    displayName: `Token ${number}`,
    organizationName: "Example Organization",
    locationName: `Example Location ${number}`,
    appleId: `content-manager-${number}@allotment.example`,
    vppTokenAccountType: "business",
    countryOrRegion: "US",
    expirationDateTime: inDays(330),
    lastSyncDateTime: inDays(-1),
    lastSyncStatus: "completed",
    state: "valid",
    failsNextSync: false,
  };
  world.tokens.set(token.id, token);
  return token;
}

export function addApp(
  world: World,
  token: VppToken,
  stock: Pick<Stock, "licenses" | "mixed">,
  number: number,
): MobileApp {
  const isMac = stock.mixed && number % 5 === 0;
  const app: MobileApp = {
    id: world.random.uuid(),
    type: isMac ? "macOsVppApp" : "iosVppApp",
    adamId: String(FIRST_ADAM_ID + number - 1),
    displayName: `App ${number}`,
    bundleId: `com.example.app${number}`,
    tokenId: token.id,
    createdDateTime: inDays(-100),
    publishingState: "published",
    supportsDeviceLicensing: true,
    total: stock.licenses,
    shown: { total: stock.licenses, used: 0 },
    assignments: [],
    licenses: new Map(),
    revocations: [],
    installed: new Set(),
    installing: new Map(),
    report: new Map(),
  };
  world.apps.set(app.id, app);
  return app;
}

/** @param userId empty for none. */
export function addDevice(
  world: World,
  stock: Pick<Stock, "mixed" | "serialPrefix">,
  number: number,
  userId: string,
): ManagedDevice {
  const isMac = stock.mixed && number % 10 === 9;
  const isUserEnrolled = stock.mixed && number % 10 === 0 && userId !== "";
  const operatingSystem = isMac ? "macOS" : number % 2 === 0 ? "iPadOS" : "iOS";
  const device: ManagedDevice = {
    id: world.random.uuid(),
    azureADDeviceId: world.random.uuid(),
    deviceName: `Device ${number}`,
    serialNumber: isUserEnrolled ? "" : `${stock.serialPrefix}${String(number).padStart(7, "0")}`,
    udid: `00008030-${number.toString(16).toUpperCase().padStart(16, "0")}`,
    operatingSystem,
    userId,
    deviceEnrollmentType: isUserEnrolled
      ? "appleUserEnrollment"
      : userId === ""
        ? "appleBulkWithoutUser"
        : "appleBulkWithUser",
    managedDeviceOwnerType: isUserEnrolled ? "personal" : "company",
    managementState: "managed",
    lastSyncDateTime: inDays(-1),
    enrolledDateTime: inDays(-50),
    behaviour: { offline: false, install: "works", uninstall: "works" },
  };
  world.devices.set(device.id, device);
  register(world, device);
  return device;
}

function addWindowsDevice(world: World): string {
  const stock = { serialPrefix: "WIN", mixed: false };
  const device = addDevice(world, stock, 1, "");
  device.operatingSystem = "Windows";
  device.deviceName = "Windows 1";
  device.deviceEnrollmentType = "windowsAzureADJoin";
  return directoryIdOf(world, device);
}

function register(world: World, { azureADDeviceId, deviceName, operatingSystem }: ManagedDevice): void {
  const id = world.random.uuid();
  world.directoryDevices.set(id, { id, deviceId: azureADDeviceId, displayName: deviceName, operatingSystem });
  world.directoryIds.set(azureADDeviceId, id);
}

/** Somebody else has made this app required for a group of theirs, and a policy set has made it available to another. */
function addForeignAssignments(world: World, app: MobileApp): void {
  addForeign(app, addGroup(world, "Foreign group", []), "required", "direct");
  addForeign(app, addGroup(world, "Policy set group", []), "required", "policySets");
}

export function addForeign(app: MobileApp, group: Group, intent: Intent, source: "direct" | "policySets"): void {
  const target = groupTarget(group.id);
  app.assignments.push({
    id: assignmentId(target, intent),
    intent,
    source,
    sourceId: source === "policySets" ? "00000000-0000-0000-0000-0000000000ff" : null,
    target,
    settings: {
      "@odata.type": `#microsoft.graph.${app.type}AssignmentSettings`,
      useDeviceLicensing: true,
      vpnConfigurationId: null,
    },
  });
}

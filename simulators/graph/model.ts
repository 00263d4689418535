/** What a tenant holds, with the spelling of Microsoft Graph where a field is shown as it is. */

export interface User {
  readonly id: string;
  userPrincipalName: string;
  displayName: string;
  mail: string | null;
}

/** The directory's own object of a device: what groups have as members. */
export interface DirectoryDevice {
  readonly id: string;
  /** Equals `azureADDeviceId` of the managed device. */
  readonly deviceId: string;
  displayName: string;
  operatingSystem: string;
}

export interface Group {
  readonly id: string;
  displayName: string;
  description: string | null;
  mailNickname: string;
  uniqueName: string | null;
  securityEnabled: boolean;
  mailEnabled: boolean;
  groupTypes: string[];
  membershipRule: string | null;
  /** Ids of users, directory devices and groups. */
  readonly members: Set<string>;
}

/** How a device takes what it is told at its check-ins. */
export interface Behaviour {
  /** It does not check in. */
  offline: boolean;
  /** What becomes of installs, until it is changed. */
  install: "works" | "refused" | "needs-sign-in" | "fails";
  /** What becomes of removals. */
  uninstall: "works" | "fails";
}

/** Intune's object of an enrolled device. */
export interface ManagedDevice {
  readonly id: string;
  azureADDeviceId: string;
  deviceName: string;
  serialNumber: string;
  readonly udid: string;
  operatingSystem: string;
  /** Empty for a device without a user. */
  userId: string;
  deviceEnrollmentType: string;
  managedDeviceOwnerType: string;
  managementState: string;
  lastSyncDateTime: string;
  readonly enrolledDateTime: string;
  readonly behaviour: Behaviour;
}

export type VppTokenState =
  | "unknown"
  | "valid"
  | "expired"
  | "invalid"
  | "assignedToExternalMDM"
  | "duplicateLocationId";

export interface VppToken {
  readonly id: string;
  displayName: string;
  organizationName: string;
  locationName: string;
  appleId: string;
  vppTokenAccountType: "business" | "education";
  countryOrRegion: string;
  expirationDateTime: string;
  lastSyncDateTime: string;
  lastSyncStatus: "none" | "inProgress" | "completed" | "failed";
  state: VppTokenState;
  /** The next synchronisation ends in vain. */
  failsNextSync: boolean;
}

export type Intent = "available" | "required" | "uninstall" | "availableWithoutEnrollment";

export interface AssignmentTarget {
  readonly "@odata.type": string;
  readonly groupId?: string | undefined;
  readonly deviceAndAppManagementAssignmentFilterId?: string | null | undefined;
  readonly deviceAndAppManagementAssignmentFilterType?: string | undefined;
}

export interface Assignment {
  readonly id: string;
  readonly intent: Intent;
  readonly source: "direct" | "policySets";
  readonly sourceId: string | null;
  readonly target: AssignmentTarget;
  readonly settings: Readonly<Record<string, unknown>> | null;
}

export interface AssignedLicense {
  readonly id: string;
  readonly kind: "user" | "device";
  readonly userId: string;
  readonly managedDeviceId: string | null;
}

export interface Revocation {
  readonly userId: string;
  readonly managedDeviceId: string | null;
  readonly totalLicensesCount: number;
  failedLicensesCount: number;
  readonly actionName: string;
  actionState: "none" | "pending" | "canceled" | "active" | "done" | "failed" | "notSupported";
  actionFailureReason:
    | "none"
    | "appleFailure"
    | "internalError"
    | "expiredVppToken"
    | "expiredApplePushNotificationCertificate";
  readonly startDateTime: string;
  lastUpdatedDateTime: string;
}

/** What a device reported at a check-in: `resultantAppState` and its detail by number. */
export interface ReportRow {
  readonly state: number;
  readonly detail: number;
  readonly errorCode: number;
  readonly at: number;
}

export interface MobileApp {
  readonly id: string;
  readonly type: "iosVppApp" | "macOsVppApp";
  readonly adamId: string;
  displayName: string;
  readonly bundleId: string;
  readonly tokenId: string;
  readonly createdDateTime: string;
  publishingState: "notPublished" | "processing" | "published";
  supportsDeviceLicensing: boolean;
  total: number;
  /** The counts as they are shown, where they are as old as the last synchronisation. */
  shown: { total: number; used: number };
  assignments: Assignment[];
  /** By holder: `user:<id>` or `device:<id>`. */
  readonly licenses: Map<string, AssignedLicense>;
  readonly revocations: Revocation[];
  /** Managed devices that have it. */
  readonly installed: Set<string>;
  /** Managed devices that have begun to install it, and at how many check-ins. */
  readonly installing: Map<string, number>;
  readonly report: Map<string, ReportRow>;
}

/** The device's id in the directory where there is none. */
export const NO_DIRECTORY_DEVICE = "00000000-0000-0000-0000-000000000000";

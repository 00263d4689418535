import { z } from "zod";

/**
 * What Microsoft Graph says, in its own words. Unknown fields and unknown values of enumerations are let through; only
 * what is needed must be there. Evidence for each: reference, mdm-targets.md section 1.
 */

const text = z
  .string()
  .nullish()
  .transform((value) => value || null);
const moment = z
  .string()
  .nullish()
  .transform((value) => parseMoment(value));
const id = z.string().min(1);

/** A time of Graph; one without a zone is UTC. Null for none, and for the year 1, which stands for none. */
export function parseMoment(value: string | null | undefined): Date | null {
  if (!value) return null;
  const iso = value
    .trim()
    .replace(" ", "T")
    .replace(/(\.\d{3})\d+/, "$1");
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1970 ? null : time;
}

export const pageShape = z.object({
  value: z.array(z.unknown()),
  "@odata.nextLink": z.string().nullish(),
});

export const accessTokenShape = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

export const loginErrorShape = z.object({
  error: text,
  error_description: text,
  error_codes: z.array(z.number()).nullish(),
});

export const errorShape = z.object({
  error: z.object({
    code: text,
    message: text,
    innerError: z.object({ "request-id": text }).nullish(),
  }),
});

/** What Intune puts as JSON into the message of an error. */
export const innerMessageShape = z.object({
  Message: text,
  RetryAfter: z.union([z.number(), z.string()]).nullish(),
});

export const batchShape = z.object({
  responses: z.array(
    z.object({
      id,
      status: z.number(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

export const userShape = z.object({ id, userPrincipalName: text, displayName: text, mail: text });
export type User = z.infer<typeof userShape>;

export const groupShape = z.object({
  id,
  displayName: text,
  uniqueName: text,
  membershipRule: text,
});

export const memberShape = z.object({ "@odata.type": text, id, deviceId: text });

export const directoryDeviceShape = z.object({ id, deviceId: text });

export const managedDeviceShape = z.object({
  id,
  azureADDeviceId: text,
  deviceName: text,
  serialNumber: text,
  operatingSystem: text,
  userId: text,
  deviceEnrollmentType: text,
  managementState: text,
  lastSyncDateTime: moment,
});
export type ManagedDevice = z.infer<typeof managedDeviceShape>;

export const vppTokenShape = z.object({
  id,
  displayName: text,
  organizationName: text,
  locationName: text,
  appleId: text,
  countryOrRegion: text,
  expirationDateTime: moment,
  lastSyncDateTime: text,
  lastSyncStatus: text,
  state: text,
});
export type VppToken = z.infer<typeof vppTokenShape>;

export const revocationShape = z.object({
  userId: text,
  managedDeviceId: text,
  actionState: text,
  actionFailureReason: text,
  startDateTime: moment,
});

export const mobileAppShape = z.object({
  "@odata.type": id,
  id,
  displayName: text,
  bundleId: text,
  appStoreUrl: text,
  publishingState: text,
  totalLicenseCount: z.number().int().nullish(),
  usedLicenseCount: z.number().int().nullish(),
  licensingType: z
    .object({ supportsDeviceLicensing: z.boolean().nullish(), supportDeviceLicensing: z.boolean().nullish() })
    .nullish(),
  vppTokenId: text,
  vppTokenAppleId: text,
  vppTokenOrganizationName: text,
  revokeLicenseActionResults: z.array(revocationShape).nullish(),
});
export type MobileApp = z.infer<typeof mobileAppShape>;

export const assignedLicenseShape = z.object({ "@odata.type": id, userId: text, managedDeviceId: text });

export const assignmentShape = z.object({
  id,
  intent: id,
  source: text,
  target: z.object({
    "@odata.type": id,
    groupId: text,
    deviceAndAppManagementAssignmentFilterId: text,
  }),
  settings: z.object({ useDeviceLicensing: z.boolean().nullish() }).nullish(),
});
export type Assignment = z.infer<typeof assignmentShape>;

export const pushCertificateShape = z.object({ topicIdentifier: text, expirationDateTime: moment });

export const reportShape = z.object({
  TotalRowCount: z.number().int().min(0),
  Schema: z.array(z.object({ Column: z.string() })),
  Values: z.array(z.array(z.unknown())),
});

export const exportJobShape = z.object({ id, status: id, url: text });

/** The device's id in the directory where it has none. */
export const NO_DIRECTORY_DEVICE = "00000000-0000-0000-0000-000000000000";

export type AppKind = "iosVppApp" | "macOsVppApp";
export type Intent = "required" | "uninstall";

export const typeName = (name: string): string => `#microsoft.graph.${name}`;

/** One more assignment of an app, to a group. */
export function assignmentBody(kind: AppKind, intent: Intent, groupId: string, useDeviceLicensing: boolean): object {
  return {
    "@odata.type": typeName("mobileAppAssignment"),
    intent,
    target: { "@odata.type": typeName("groupAssignmentTarget"), groupId },
    settings: {
      "@odata.type": typeName(`${kind}AssignmentSettings`),
      useDeviceLicensing,
      ...(kind === "iosVppApp" ? { vpnConfigurationId: null } : {}),
    },
  };
}

/** Columns that the export of app states is documented to have; a report names its own. */
export const EXPORT_COLUMNS = [
  "DeviceId",
  "AppInstallState",
  "AppInstallStateDetails",
  "HexErrorCode",
  "LastModifiedDateTime",
];

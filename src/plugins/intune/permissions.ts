import { z } from "zod";

/** Something that the plugin does in a tenant, and the application permissions of which any one allows it. */
export interface Area {
  /** As in "may not …". */
  readonly does: string;
  readonly permissions: readonly string[];
  /** A small read that shows whether it is allowed; null for what only writing would show. */
  readonly probe: ((api: string) => string) | null;
  /** Without it nothing can be installed. */
  readonly needed: boolean;
  /** What is lost, where it is not needed. */
  readonly without?: string;
}

const intune = (area: string, ...access: string[]) => access.map((right) => `DeviceManagement${area}.${right}.All`);

export const AREAS: readonly Area[] = [
  {
    does: "read VPP tokens",
    permissions: intune("ServiceConfig", "Read", "ReadWrite"),
    probe: (api) => `/${api}/deviceAppManagement/vppTokens?$top=1`,
    needed: true,
  },
  {
    does: "have VPP tokens synchronised",
    permissions: intune("ServiceConfig", "ReadWrite"),
    probe: null,
    needed: false,
    without: "counts are as old as Intune's own synchronisation, twice a day.",
  },
  {
    does: "read apps",
    permissions: [...intune("Apps", "Read", "ReadWrite"), ...intune("Configuration", "Read", "ReadWrite")],
    probe: (api) => `/${api}/deviceAppManagement/mobileApps?$top=1`,
    needed: true,
  },
  {
    does: "assign apps",
    permissions: [...intune("Apps", "ReadWrite"), ...intune("Configuration", "ReadWrite")],
    probe: null,
    needed: true,
  },
  {
    does: "read managed devices",
    permissions: intune("ManagedDevices", "Read", "ReadWrite"),
    probe: () => "/v1.0/deviceManagement/managedDevices?$top=1",
    needed: true,
  },
  {
    does: "read users",
    permissions: ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    probe: () => "/v1.0/users?$top=1",
    needed: true,
  },
  {
    does: "read groups",
    permissions: [
      "Group.Read.All",
      "GroupMember.Read.All",
      "GroupMember.ReadWrite.All",
      "Group.ReadWrite.All",
      "Directory.Read.All",
      "Directory.ReadWrite.All",
    ],
    probe: () => "/v1.0/groups?$top=1",
    needed: true,
  },
  {
    does: "read devices of the directory",
    permissions: ["Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
    probe: () => "/v1.0/devices?$top=1",
    needed: false,
    without: "devices that no group stands for cannot be addressed alone.",
  },
  {
    does: "make groups",
    permissions: ["Group.ReadWrite.All", "Directory.ReadWrite.All"],
    probe: null,
    needed: false,
    without: "devices that no group stands for, and those that have left one, cannot be addressed alone.",
  },
];

const claims = z.object({ roles: z.array(z.string()).default([]) });

/**
 * Which areas a token does not allow. The token is meant for Graph, and only looked into for a hint.
 * @returns null where it cannot be read.
 */
export function missingPermissions(accessToken: string): ((area: Area) => boolean) | null {
  const middle = accessToken.split(".")[1];
  if (middle === undefined) return null;
  try {
    const { roles } = claims.parse(JSON.parse(Buffer.from(middle, "base64url").toString("utf8")));
    return ({ permissions }) => !permissions.some((permission) => roles.includes(permission));
  } catch {
    return null;
  }
}

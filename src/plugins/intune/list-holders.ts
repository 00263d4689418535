import type { DeviceNews, HolderKind, HolderPage, UserRecord } from "../contract.js";
import type { Graph } from "./graph.js";
import type { KnownDevices } from "./known-devices.js";
import { listCollections } from "./list-collections.js";
import type { IntuneSettings } from "./settings.js";
import { type ManagedDevice, type User, userShape } from "./wire.js";

const FIRST_USERS = "/v1.0/users?$select=id,userPrincipalName,displayName,mail&$top=999";

const PLATFORMS: Readonly<Record<string, string>> = {
  ios: "iOS",
  ipados: "iOS",
  macos: "macOS",
  tvos: "tvOS",
  visionos: "visionOS",
  watchos: "watchOS",
};

/** Cursors are Graph's own links. */
export async function listHolders<Kind extends HolderKind>(
  { graph, devices, settings }: { graph: Graph; devices: KnownDevices; settings: IntuneSettings },
  kind: Kind,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<Kind>> {
  const readers: { readonly [Each in HolderKind]: () => Promise<HolderPage<Each>> } = {
    user: () => listUsers(graph, cursor, signal),
    device: async () => {
      const { records, next } = await devices.page(cursor, signal);
      return { records: records.map(deviceRecord), next, complete: next === null };
    },
    collection: () => listCollections(graph, devices, settings, cursor, signal),
  };
  return readers[kind]();
}

async function listUsers(graph: Graph, cursor: string | null, signal: AbortSignal): Promise<HolderPage<"user">> {
  const { records, next } = await graph.page("read the users", userShape, cursor ?? FIRST_USERS, signal);
  return { records: records.map(userRecord), next, complete: next === null };
}

function userRecord({ id, userPrincipalName, displayName, mail }: User): UserRecord {
  return { externalId: id, principalName: userPrincipalName, displayName, email: mail, managedAppleId: null };
}

/**
 * A device that is to be retired or wiped still has its apps; when it has been, Intune no longer lists it. So there is no
 * other state than enrolled. Lists tell no UDIDs, and of User Enrollment no serial numbers.
 */
function deviceRecord(device: ManagedDevice): DeviceNews {
  return {
    externalId: device.id,
    ...(device.serialNumber === null ? {} : { serial: device.serialNumber }),
    name: device.deviceName,
    platform: platformOf(device),
    userExternalId: device.userId,
    state: "enrolled",
    lastSeenAt: device.lastSyncDateTime,
  };
}

export function platformOf({ operatingSystem }: Pick<ManagedDevice, "operatingSystem">): string | null {
  return PLATFORMS[(operatingSystem ?? "").toLowerCase()] ?? null;
}

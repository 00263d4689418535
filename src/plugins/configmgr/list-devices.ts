import { z } from "zod";
import { type DeviceRecord, type HolderPage, PluginError } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { anyOf, inParts } from "./odata.js";
import { type Listing, readPage } from "./read-page.js";
import type { ConfigMgrSettings } from "./settings.js";
import * as wire from "./wire.js";

const PAGE = 499;
/** Names and ids in one filter: an address has room for some two thousand characters everywhere. */
const IDS_A_FILTER = 40;
const NAMES_A_FILTER = 20;

/**
 * Where hardware inventory has serial numbers: SMS_R_System has none. Mobile devices have a class of their own, which not
 * every site collects.
 */
const INVENTORIES: readonly string[] = ["SMS_G_System_DEVICE_COMPUTERSYSTEM", "SMS_G_System_PC_BIOS"];

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(iOS|iPadOS|iPhone|iPad)\b/i, "iOS"],
  [/\btvOS\b/i, "tvOS"],
  [/\bwatchOS\b/i, "watchOS"],
  [/\bvisionOS\b/i, "visionOS"],
  [/\b(Mac ?OS|OS X|macOS)/i, "macOS"],
];

type Inventory = z.infer<typeof wire.inventory>;

/** Apple's devices among the site's resources. */
export async function listDevices(
  service: AdminService,
  { devices }: Pick<ConfigMgrSettings, "devices">,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<"device">> {
  const { rows, next, complete } = await readPage(service, listing(devices), cursor, signal);
  const apple = rows.filter((system) => canBeApple(system));
  const inventory = await readInventory(
    service,
    apple.map(({ ResourceID }) => ResourceID),
    signal,
  );
  const userIds = await readUserIds(service, apple, signal);
  const records = apple.map((system) => describe(system, inventory.get(system.ResourceID), userIds));
  return { records, next, complete };
}

function listing(devices: ConfigMgrSettings["devices"]): Listing<typeof wire.system> {
  return {
    name: "SMS_R_System",
    shape: wire.system,
    query: { ...(devices === "mobile" ? { filter: "ClientType eq 3" } : {}), select: Object.keys(wire.system.shape) },
    key: "ResourceID",
    size: PAGE,
  };
}

/** A mobile device of which no system is known may be one of Apple's; a computer must say so. */
function canBeApple({ OperatingSystemNameandVersion: os, ClientType }: wire.System): boolean {
  return platformOf(os) !== null || (os === null && ClientType === 3);
}

function platformOf(os: string | null): string | null {
  return PLATFORMS.find(([pattern]) => pattern.test(os ?? ""))?.[1] ?? null;
}

/** A site without such a class answers that it does not know it: then nothing is known by it. */
async function readInventory(
  service: AdminService,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, Inventory>> {
  const found = new Map<number, Inventory>();
  for (const name of INVENTORIES) {
    for (const part of inParts(
      ids.filter((id) => !found.has(id)),
      IDS_A_FILTER,
    )) {
      const rows = await listIfKnown(service, name, anyOf("ResourceID", part), signal);
      for (const row of rows) if (row.SerialNumber !== null) found.set(row.ResourceID, row);
    }
  }
  return found;
}

async function listIfKnown(
  service: AdminService,
  name: string,
  filter: string,
  signal: AbortSignal,
): Promise<Inventory[]> {
  try {
    return await service.list(name, wire.inventory, { filter }, signal);
  } catch (error) {
    if (error instanceof PluginError && error.kind === "rejected") return [];
    throw error;
  }
}

/** Users' ids by their names in lower case: a device tells only the name of who signed in last. */
async function readUserIds(
  service: AdminService,
  systems: readonly wire.System[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const names = new Set(systems.flatMap((system) => userNameOf(system) ?? []));
  const shape = z.object({ ResourceID: wire.user.shape.ResourceID, UniqueUserName: z.string() });
  const ids = new Map<string, number>();
  for (const part of inParts([...names], NAMES_A_FILTER)) {
    const query = { filter: anyOf("UniqueUserName", part), select: ["ResourceID", "UniqueUserName"] };
    for (const user of await service.list("SMS_R_User", shape, query, signal)) {
      ids.set(user.UniqueUserName.toLowerCase(), user.ResourceID);
    }
  }
  return ids;
}

function userNameOf({ LastLogonUserName: name, LastLogonUserDomain: domain }: wire.System): string | null {
  if (name === null) return null;
  return domain === null || name.includes("\\") ? name : `${domain}\\${name}`;
}

function describe(
  system: wire.System,
  inventory: Inventory | undefined,
  userIds: ReadonlyMap<string, number>,
): DeviceRecord {
  const userId = userIds.get(userNameOf(system)?.toLowerCase() ?? "");
  return {
    externalId: String(system.ResourceID),
    serial: inventory?.SerialNumber ?? null,
    udid: inventory?.UDID ?? null,
    name: system.Name,
    platform: platformOf(system.OperatingSystemNameandVersion),
    userExternalId: userId === undefined ? null : String(userId),
    // Obsolete: the same device has another record by now.
    state: system.Obsolete ? "deleted" : system.Decommissioned ? "retired" : "enrolled",
    lastSeenAt: system.LastLogonTimestamp,
  };
}

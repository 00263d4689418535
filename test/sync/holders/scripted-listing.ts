import type {
  CollectionRecord,
  DeviceRecord,
  HolderKind,
  HolderPage,
  HolderRecords,
  Plugin,
  UserRecord,
} from "../../../src/plugins/contract.js";
import { pluginWith } from "../targets/target-world.js";

/** What a pretended product lists; a test changes it between imports. */
export interface Listing {
  user: UserRecord[];
  device: DeviceRecord[];
  collection: CollectionRecord[];
  complete: Record<HolderKind, boolean>;
  /** The kind at which a listing fails. */
  failsAt: HolderKind | null;
}

export function scriptedListing(name: string): { plugin: Plugin; listing: Listing } {
  const listing: Listing = {
    user: [],
    device: [],
    collection: [],
    complete: { user: true, device: true, collection: true },
    failsAt: null,
  };
  const plugin = pluginWith(
    {
      listHolders: async <Kind extends HolderKind>(kind: Kind): Promise<HolderPage<Kind>> => {
        if (listing.failsAt === kind) throw new Error(`the listing of ${kind}s broke`);
        return {
          records: listing[kind] as unknown as HolderRecords[Kind][],
          next: null,
          complete: listing.complete[kind],
        };
      },
    },
    { name },
  );
  return { plugin, listing };
}

export function userRecord(externalId: string, fields: Partial<UserRecord> = {}): UserRecord {
  return {
    externalId,
    principalName: `${externalId}@allotment.example`,
    displayName: externalId,
    email: null,
    managedAppleId: null,
    ...fields,
  };
}

export function deviceRecord(externalId: string, fields: Partial<DeviceRecord> = {}): DeviceRecord {
  return {
    externalId,
    serial: `SERIAL-${externalId}`,
    udid: null,
    name: externalId,
    platform: "iOS",
    userExternalId: null,
    state: "enrolled",
    lastSeenAt: null,
    ...fields,
  };
}

export function collectionRecord(
  externalId: string,
  kind: "user" | "device",
  memberExternalIds: readonly string[],
): CollectionRecord {
  return { externalId, name: externalId, kind, memberExternalIds };
}

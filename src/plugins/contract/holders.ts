/** A person, as the product knows them. */
export interface UserRecord {
  /** The product's id of this user: stable, unique within the Target. */
  readonly externalId: string;
  /** The sign-in name (UPN); equal normalised names of several Targets are one User. Null or empty never merges. */
  readonly principalName: string | null;
  /** For people to read. */
  readonly displayName: string | null;
  /** Where an invitation to Apple's programme is sent to. */
  readonly email: string | null;
  /** The Managed Apple Account of the organisation that owns the token, when the product knows it. */
  readonly managedAppleId: string | null;
}

/** Every `DeviceState`. */
export const DEVICE_STATES = ["enrolled", "wiped", "retired", "deleted"] as const;

/** `enrolled`: can be managed. The others mean that every managed app is gone. A silent device stays `enrolled`. */
export type DeviceState = (typeof DEVICE_STATES)[number];

export interface DeviceRecord {
  /** The product's id of this device: stable, unique within the Target. */
  readonly externalId: string;
  /** Apple's serial number, verbatim; equal normalised serials of several Targets are one Device. */
  readonly serial: string | null;
  /** Apple's UDID, verbatim. */
  readonly udid: string | null;
  /** For people to read. */
  readonly name: string | null;
  /** iOS, macOS, tvOS, watchOS or visionOS; null when unknown. */
  readonly platform: string | null;
  /** `externalId` of the primary user; null for a device without one. */
  readonly userExternalId: string | null;
  readonly state: DeviceState;
  /** When the product last heard from it. */
  readonly lastSeenAt: Date | null;
}

/**
 * A device as a listing or an event tells of it. What is left out is not told, and stays as it is known here; null says that
 * there is none.
 */
export type DeviceNews = Pick<DeviceRecord, "externalId" | "state" | "lastSeenAt"> & Partial<DeviceRecord>;

/** The product's own group of users or of devices. Never list one that the plugin has made for its own ends. */
export interface CollectionRecord {
  /** The product's id of it: stable, unique within the Target. */
  readonly externalId: string;
  readonly name: string;
  /** What its members are. A group that mixes both is not listed. */
  readonly kind: "user" | "device";
  /** `externalId`s of all members, nested ones resolved. */
  readonly memberExternalIds: readonly string[];
}

export interface HolderRecords {
  user: UserRecord;
  device: DeviceNews;
  collection: CollectionRecord;
}

/** Every `HolderKind`, in the order in which they are listed: each names the ones before. */
export const HOLDER_KINDS = ["user", "device", "collection"] as const satisfies readonly (keyof HolderRecords)[];

export type HolderKind = (typeof HOLDER_KINDS)[number];

/** One page of a listing. Members leave only after a listing whose last page says `complete: true`. */
export interface HolderPage<K extends HolderKind = HolderKind> {
  readonly records: readonly HolderRecords[K][];
  /** The cursor of the next page: opaque, never the same twice in one listing; null on the last page. */
  readonly next: string | null;
  /** On the last page: true if the pages together hold everything that exists. False on every other page. */
  readonly complete: boolean;
}

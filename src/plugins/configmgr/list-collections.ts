import type { CollectionRecord, HolderPage } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { quoted } from "./odata.js";
import { isOwn } from "./own-collections.js";
import { type Listing, readPage } from "./read-page.js";
import type { ConfigMgrSettings } from "./settings.js";
import * as wire from "./wire.js";

const KINDS: Readonly<Record<number, CollectionRecord["kind"]>> = { 1: "user", 2: "device" };
/** Of SMS_FullCollectionMembership's ResourceType: what can be a member here. Groups of users are no people. */
const RESOURCE_TYPES: Readonly<Record<CollectionRecord["kind"], number>> = { user: 4, device: 5 };

/** Few a page: the members of each are a question of their own. */
const LISTING: Listing<typeof wire.collection> = {
  name: "SMS_Collection",
  shape: wire.collection,
  query: { select: ["CollectionID", "Name", "CollectionType", "Comment"] },
  key: "CollectionID",
  size: 47,
};

/** The site's collections with their members as last evaluated; those that Allotment has made for itself are left out. */
export async function listCollections(
  service: AdminService,
  settings: Pick<ConfigMgrSettings, "collectionPrefix" | "devices">,
  cursor: string | null,
  signal: AbortSignal,
): Promise<HolderPage<"collection">> {
  const { rows, next, complete } = await readPage(service, LISTING, cursor, signal);
  const records: CollectionRecord[] = [];
  for (const collection of rows) {
    const kind = KINDS[collection.CollectionType ?? 0];
    if (kind === undefined || isOwn(collection, settings.collectionPrefix)) continue;
    const memberExternalIds = await readMembers(service, collection, kind, settings, signal);
    records.push({ externalId: collection.CollectionID, name: collection.Name, kind, memberExternalIds });
  }
  return { records, next, complete };
}

async function readMembers(
  service: AdminService,
  { CollectionID }: wire.Collection,
  kind: CollectionRecord["kind"],
  { devices }: Pick<ConfigMgrSettings, "devices">,
  signal: AbortSignal,
): Promise<string[]> {
  const mobileOnly = kind === "device" && devices === "mobile" ? " and ClientType eq 3" : "";
  const query = {
    filter: `CollectionID eq ${quoted(CollectionID)}${mobileOnly}`,
    select: ["ResourceID", "ResourceType"],
  };
  const members = await service.list("SMS_FullCollectionMembership", wire.member, query, signal);
  return members
    .filter(({ ResourceType }) => ResourceType === null || ResourceType === RESOURCE_TYPES[kind])
    .map(({ ResourceID }) => String(ResourceID));
}

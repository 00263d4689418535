import type { AppRef } from "../contract.js";
import type { AdminService } from "./admin-service.js";
import { quoted } from "./odata.js";
import type { ConfigMgrSettings } from "./settings.js";
import * as wire from "./wire.js";

/** What is wanted of the devices in a collection of ours. */
export type Wish = "install" | "uninstall";

/** In the comment of each collection of ours, of any Allotment: what has it is not a collection of the site's. */
const MARK = "[allotment-owned]";
const DEVICES = 2;
const MAX_NAME = 200;

type Naming = Pick<ConfigMgrSettings, "collectionPrefix" | "limitingCollectionId">;

export function isOwn({ Name, Comment }: wire.Collection, prefix: string): boolean {
  return Comment?.includes(MARK) === true || new RegExp(`^${escaped(prefix)} (install|uninstall) \\d+ `).test(Name);
}

/** One an app and wish, found by its name again. The app's own name may change: it is not in what is looked for. */
export async function findOwnCollection(
  service: AdminService,
  { adamId }: Pick<AppRef, "adamId">,
  wish: Wish,
  { collectionPrefix }: Naming,
  signal: AbortSignal,
): Promise<string | null> {
  const query = {
    filter: `startswith(Name,${quoted(`${collectionPrefix} ${wish} ${adamId} `)}) eq true`,
    select: ["CollectionID", "Name", "CollectionType", "Comment"],
  };
  const found = await service.list("SMS_Collection", wire.collection, query, signal);
  const ours = found.filter((one) => one.CollectionType === DEVICES && one.Comment?.includes(MARK));
  return ours.map(({ CollectionID }) => CollectionID).sort()[0] ?? null;
}

/** The same, made where there is none. */
export async function ensureOwnCollection(
  service: AdminService,
  app: Pick<AppRef, "adamId" | "name">,
  wish: Wish,
  naming: Naming,
  signal: AbortSignal,
): Promise<string> {
  const found = await findOwnCollection(service, app, wish, naming, signal);
  if (found !== null) return found;
  const { CollectionID } = await service.create(
    "SMS_Collection",
    wire.collection.pick({ CollectionID: true }),
    {
      Name: `${naming.collectionPrefix} ${wish} ${app.adamId} ${app.name}`.slice(0, MAX_NAME),
      Comment: `Made by Allotment for its own deployments of this app, and kept by it alone: leave it as it is. ${MARK}`,
      CollectionType: DEVICES,
      LimitToCollectionID: naming.limitingCollectionId,
    },
    signal,
  );
  return CollectionID;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

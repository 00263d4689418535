import type { EntityManager } from "typeorm";
import { AppError } from "../../errors.js";
import { type HolderKind, type HolderRecords, PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import type { Jobs } from "../jobs.js";
import { type GiveWay, inOneGo } from "../targets/give-way.js";
import { toPluginError } from "../targets/plugin-failure.js";
import { readStoredTarget } from "../targets/stored-target.js";
import { inquireDevices } from "./inquire-devices.js";
import { lockHolders } from "./lock-holders.js";
import { type ListedHolders, markGoneHolders } from "./mark-gone-holders.js";
import { type ListedCollection, mergeCollection } from "./merge-collection.js";
import { mergeDevices, mergeUsers } from "./merge-holders.js";
import { readHolders } from "./read-holders.js";
import { refreshCollections } from "./refresh-collections.js";
import { takeMembersAway } from "./take-members-away.js";

/** All that one import has read; null where the listing was not complete, or there is none. */
interface Listing {
  readonly users: ListedHolders | null;
  readonly devices: ListedHolders | null;
  readonly collections: readonly ListedCollection[] | null;
  /** Every listing that there is was complete. */
  readonly isComplete: boolean;
}

/**
 * Reads a target's users, devices and collections, in this order, since each names the ones before. What is new is
 * written as it comes; what is gone only at the end and only where the listing was complete. After a failure the next
 * import begins anew. Devices that the target knows without a serial number are asked for it, where it can do that.
 */
export async function importHolders(
  core: Core,
  { targetId }: Jobs["import-holders"],
  giveWay: GiveWay = inOneGo,
): Promise<void> {
  const target = await readStoredTarget(core.dataSource, targetId);
  if (!target) return;
  try {
    const { lists, inquires } = (await core.targets.plugin(targetId)).abilities;
    if (lists.length > 0) {
      const listing = await readListing(core, targetId, new Set(lists), () => giveWay(core, targetId));
      await concludeImport(core, target, listing);
    } else {
      core.log.info({ targetId }, "nothing to import: this target tells of its holders by webhook only");
    }
    if (inquires) await inquireDevices(core, targetId, giveWay);
    if (lists.length === 0)
      await core.dataSource.query("UPDATE target SET import_error = NULL WHERE id = $1", [targetId]);
  } catch (error) {
    await recordFailure(core, targetId, refusalOf(error, core));
  }
}

async function readListing(
  core: Core,
  targetId: string,
  lists: ReadonlySet<HolderKind>,
  giveWay: () => Promise<void>,
): Promise<Listing> {
  const users = lists.has("user") ? await readAll(core, targetId, "user", mergeUsers, giveWay) : null;
  const devices = lists.has("device") ? await readAll(core, targetId, "device", mergeDevices, giveWay) : null;
  const collections = lists.has("collection") ? await readCollections(core, targetId, giveWay) : null;
  const read = { user: users, device: devices, collection: collections };
  return { users, devices, collections, isComplete: [...lists].every((kind) => read[kind] !== null) };
}

async function readAll<Kind extends "user" | "device">(
  core: Core,
  targetId: string,
  kind: Kind,
  merge: (tx: EntityManager, core: Core, targetId: string, records: readonly HolderRecords[Kind][]) => Promise<void>,
  giveWay: () => Promise<void>,
): Promise<ListedHolders | null> {
  const newest = await row<{ id: string }>(core.dataSource, "SELECT COALESCE(max(id), 0) AS id FROM holder_alias");
  const externalIds = new Set<string>();
  const pages = readHolders(core, targetId, kind);
  for (;;) {
    const page = await pages.next();
    if (page.done) return page.value ? { externalIds, newestAliasId: newest?.id ?? "0" } : null;
    for (const record of page.value) externalIds.add(record.externalId);
    await core.dataSource.transaction((tx) => merge(tx, core, targetId, page.value));
    await giveWay();
  }
}

async function readCollections(
  core: Core,
  targetId: string,
  giveWay: () => Promise<void>,
): Promise<ListedCollection[] | null> {
  const listed = new Map<string, ListedCollection>();
  const pages = readHolders(core, targetId, "collection");
  for (;;) {
    const page = await pages.next();
    if (page.done) return page.value ? [...listed.values()] : null;
    for (const record of page.value) {
      const collection = await core.dataSource.transaction((tx) => mergeCollection(tx, core, targetId, record));
      listed.set(collection.id, collection);
    }
    await giveWay();
  }
}

async function concludeImport(core: Core, target: { id: string; name: string }, listing: Listing): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    await lockHolders(tx);
    const collectionIds = listing.collections ? await takeMembersAway(tx, core, target.id, listing.collections) : [];
    await refreshCollections(tx, { ...(await markGoneHolders(tx, core, target, listing)), collectionIds });
    await tx.query(
      `UPDATE target SET import_error = NULL, holders_imported_at = CASE WHEN $2 THEN $3 ELSE holders_imported_at END
       WHERE id = $1`,
      [target.id, listing.isComplete, core.clock.now()],
    );
  });
}

/** A failure of the target. Ours, such as a lost database, is thrown on: the job comes again. */
function refusalOf(error: unknown, core: Core): PluginError {
  if (!(error instanceof AppError || error instanceof PluginError)) throw error;
  return toPluginError(error, core.clock, core.log);
}

async function recordFailure(core: Core, targetId: string, error: PluginError): Promise<void> {
  core.log.warn({ targetId, kind: error.kind }, `holders were not imported: ${error.message}`);
  await core.dataSource.query("UPDATE target SET import_error = $2 WHERE id = $1", [targetId, error.message]);
}

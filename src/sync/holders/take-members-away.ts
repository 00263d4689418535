import type { EntityManager } from "typeorm";
import { encodeGlobalId } from "../../entities/global-id.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { dropReservations } from "./drop-reservations.js";
import type { ListedCollection } from "./merge-collection.js";
import { clearShrinkAlerts, raiseShrinkAlert, subjectsWithShrinkAlert } from "./shrink-alert.js";
import { losesTooMuch } from "./shrink-guard.js";

interface MirroredCollection {
  readonly id: string;
  readonly name: string;
  readonly shrink_held_at: Date | null;
  /** An alert that is open while nothing is held back is what a confirmation leaves. */
  readonly alerted: boolean;
  readonly used: boolean;
}

/**
 * After a complete listing of a target's collections: takes away the members it did not name, and the collections. One
 * that would lose too much is held back as a whole, until a listing that no longer shrinks it or `confirmShrink`.
 */
export async function takeMembersAway(
  tx: EntityManager,
  core: Core,
  targetId: string,
  listed: readonly ListedCollection[],
): Promise<string[]> {
  const byId = new Map(listed.map((collection) => [collection.id, collection]));
  const collections = await readCollections(tx, targetId);
  const vanished = collections.filter((collection) => !byId.has(collection.id));
  const tooManyVanished = losesTooMuch(vanished.length, collections.length);
  const shrunk: string[] = [];
  for (const collection of collections) {
    const found = byId.get(collection.id);
    const { missing, before } = found ?? (await allMembers(tx, collection.id));
    const isSuspect = losesTooMuch(missing.length, before) || (!found && tooManyVanished);
    const isConfirmed = collection.alerted && collection.shrink_held_at === null;
    if (isSuspect && !isConfirmed) {
      await holdBack(tx, core, collection, missing.length, before);
      continue;
    }
    await shrink(tx, core, collection, missing, found === undefined);
    if (missing.length > 0) shrunk.push(collection.id);
  }
  return shrunk;
}

async function readCollections(tx: EntityManager, targetId: string): Promise<MirroredCollection[]> {
  const collections = await rows<Omit<MirroredCollection, "alerted">>(
    tx,
    `SELECT id, name, shrink_held_at,
            EXISTS (SELECT FROM deployment WHERE deployment.collection_id = collection.id
                                           AND deployment.deleted_at IS NULL) AS used
     FROM collection WHERE target_id = $1 ORDER BY id FOR UPDATE`,
    [targetId],
  );
  const alerted = await subjectsWithShrinkAlert(tx, collections.map(subjectOf));
  return collections.map((collection) => ({ ...collection, alerted: alerted.has(subjectOf(collection)) }));
}

async function allMembers(
  tx: EntityManager,
  collectionId: string,
): Promise<Pick<ListedCollection, "missing" | "before">> {
  const members = await rows<{ id: string }>(tx, "SELECT id FROM collection_member WHERE collection_id = $1", [
    collectionId,
  ]);
  return { missing: members.map((member) => member.id), before: members.length };
}

async function holdBack(
  tx: EntityManager,
  core: Core,
  collection: MirroredCollection,
  lost: number,
  before: number,
): Promise<void> {
  await tx.query("UPDATE collection SET shrink_held_at = $2 WHERE id = $1 AND shrink_held_at IS NULL", [
    collection.id,
    core.clock.now(),
  ]);
  await raiseShrinkAlert(
    tx,
    core,
    subjectOf(collection),
    `The last listing would take ${lost} of the ${before} members of "${collection.name}" away, so none was. ` +
      "If that is right, confirm it; otherwise check the collection and the permissions at the target.",
  );
}

async function shrink(
  tx: EntityManager,
  core: Core,
  collection: MirroredCollection,
  missing: readonly string[],
  hasVanished: boolean,
): Promise<void> {
  if (missing.length > 0) await tx.query("DELETE FROM collection_member WHERE id = ANY($1)", [missing]);
  if (collection.alerted) await clearShrinkAlerts(tx, core, [subjectOf(collection)]);
  // A deployment keeps its collection, empty, until it is deleted itself.
  if (hasVanished && !collection.used) {
    await dropReservations(tx, collection.id);
    await tx.query("DELETE FROM collection WHERE id = $1", [collection.id]);
  } else if (collection.shrink_held_at !== null) {
    await tx.query("UPDATE collection SET shrink_held_at = NULL WHERE id = $1", [collection.id]);
  }
}

function subjectOf(collection: Pick<MirroredCollection, "id">): string {
  return encodeGlobalId("Collection", collection.id);
}

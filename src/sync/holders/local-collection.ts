import type { EntityManager } from "typeorm";
import type { CollectionKind } from "../../entities/collection.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { type Reader, row } from "../../queries/sql.js";

const MAX_NAME_LENGTH = 200;

/** A collection that is kept by hand here. */
export interface LocalCollection {
  readonly id: string;
  readonly name: string;
  readonly kind: CollectionKind;
}

/**
 * Locks a collection that may be edited here.
 * @throws AppError NOT_FOUND; CONFLICT for the mirror of one that a target owns.
 */
export async function lockLocalCollection(tx: EntityManager, collectionId: string): Promise<LocalCollection> {
  const collection = await row<LocalCollection & { target: string | null }>(
    tx,
    `SELECT collection.id, collection.name, kind, target.name AS target
     FROM collection LEFT JOIN target ON target.id = collection.target_id
     WHERE collection.id = $1 FOR UPDATE OF collection`,
    [collectionId],
  );
  if (!collection) throw noSuchCollection(collectionId);
  if (collection.target === null) return collection;
  throw new AppError(
    "CONFLICT",
    `"${collection.name}" mirrors a collection of "${collection.target}": change it there, then import the holders.`,
    { collectionId: encodeGlobalId("Collection", collectionId), target: collection.target },
  );
}

/**
 * An admin's name for a collection, trimmed.
 * @param collectionId the collection that is renamed; null for a new one.
 * @throws AppError INVALID_INPUT; CONFLICT when another collection kept by hand has it.
 */
export async function requireCollectionName(db: Reader, name: string, collectionId: string | null): Promise<string> {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > MAX_NAME_LENGTH) {
    throw new AppError("INVALID_INPUT", `A collection's name has 1 to ${MAX_NAME_LENGTH} characters.`, {
      field: "name",
    });
  }
  const other = await row(
    db,
    "SELECT FROM collection WHERE target_id IS NULL AND name = $1 AND id IS DISTINCT FROM $2::uuid",
    [trimmed, collectionId],
  );
  if (other) throw collectionNameTaken(trimmed);
  return trimmed;
}

export function collectionNameTaken(name: string): AppError {
  return new AppError("CONFLICT", `Another collection is named "${name}": choose another name.`, {
    field: "name",
    name,
  });
}

export function noSuchCollection(collectionId: string): AppError {
  return new AppError("NOT_FOUND", "There is no such collection. Use an id that the API returned.", {
    collectionId: encodeGlobalId("Collection", collectionId),
  });
}

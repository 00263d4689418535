import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { type MemberIds, membersOfKind } from "./collection-members.js";
import { lockLocalCollection } from "./local-collection.js";
import { refreshCollection } from "./refresh-collections.js";

/**
 * Takes members out of a collection that is kept by hand; who is none already is no error.
 * @returns how many have left.
 * @throws AppError NOT_FOUND, CONFLICT for a mirrored one, INVALID_INPUT for members of the other kind.
 */
export async function removeCollectionMembers(
  tx: EntityManager,
  _core: Core,
  collectionId: string,
  members: MemberIds,
): Promise<number> {
  const unwanted = membersOfKind(await lockLocalCollection(tx, collectionId), members);
  const removed = await rows(
    tx,
    `DELETE FROM collection_member WHERE collection_id = $1 AND ${unwanted.column} = ANY($2) RETURNING id`,
    [collectionId, unwanted.ids],
  );
  if (removed.length > 0) await refreshCollection(tx, collectionId);
  return removed.length;
}

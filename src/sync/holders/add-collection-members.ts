import type { EntityManager } from "typeorm";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { type MemberIds, membersOfKind, requireMembersExist } from "./collection-members.js";
import { lockLocalCollection } from "./local-collection.js";
import { refreshCollection } from "./refresh-collections.js";

/**
 * Adds members to a collection that is kept by hand; who is one already stays so.
 * @throws AppError NOT_FOUND, CONFLICT for a mirrored one, INVALID_INPUT for members of the other kind or unknown ones.
 */
export async function addCollectionMembers(
  tx: EntityManager,
  _core: Core,
  collectionId: string,
  members: MemberIds,
): Promise<void> {
  const wanted = membersOfKind(await lockLocalCollection(tx, collectionId), members);
  await requireMembersExist(tx, wanted);
  const added = await rows(
    tx,
    `INSERT INTO collection_member (collection_id, ${wanted.column}) SELECT $1, unnest($2::uuid[])
     ON CONFLICT DO NOTHING RETURNING id`,
    [collectionId, wanted.ids],
  );
  if (added.length > 0) await refreshCollection(tx, collectionId);
}

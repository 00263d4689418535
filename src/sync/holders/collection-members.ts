import { CollectionKind } from "../../entities/collection.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { AppError } from "../../errors.js";
import { type Reader, rows } from "../../queries/sql.js";
import type { LocalCollection } from "./local-collection.js";

/** Users or devices, by our ids; a collection has members of one kind only. */
export interface MemberIds {
  readonly userIds: readonly string[];
  readonly deviceIds: readonly string[];
}

/** Members in the words of the database. */
export interface MemberColumn {
  readonly column: "user_id" | "device_id";
  readonly table: '"user"' | "device";
  readonly ids: readonly string[];
}

/**
 * The members that fit a collection.
 * @throws AppError INVALID_INPUT when some are of the other kind.
 */
export function membersOfKind(collection: LocalCollection, { userIds, deviceIds }: MemberIds): MemberColumn {
  const ofUsers = collection.kind === CollectionKind.USER;
  const strangers = ofUsers ? deviceIds : userIds;
  if (strangers.length > 0) {
    const [wanted, given] = ofUsers ? ["users", "devices"] : ["devices", "users"];
    throw new AppError("INVALID_INPUT", `"${collection.name}" holds ${wanted}, not ${given}.`, {
      collectionId: encodeGlobalId("Collection", collection.id),
      strangers: strangers.map((id) => encodeGlobalId(ofUsers ? "Device" : "User", id)),
    });
  }
  return ofUsers
    ? { column: "user_id", table: '"user"', ids: [...new Set(userIds)] }
    : { column: "device_id", table: "device", ids: [...new Set(deviceIds)] };
}

/** @throws AppError INVALID_INPUT with the ids of whom there is not. */
export async function requireMembersExist(db: Reader, { table, ids }: MemberColumn): Promise<void> {
  const missing = await rows<{ id: string }>(
    db,
    `SELECT given.id FROM unnest($1::uuid[]) AS given(id)
     WHERE NOT EXISTS (SELECT FROM ${table} known WHERE known.id = given.id)`,
    [ids],
  );
  if (missing.length === 0) return;
  const [type, what] = table === "device" ? ["Device", "devices"] : ["User", "users"];
  throw new AppError(
    "INVALID_INPUT",
    `${missing.length} of these ${what} do not exist: use ids that the API returned.`,
    {
      missing: missing.map(({ id }) => encodeGlobalId(type, id)),
    },
  );
}

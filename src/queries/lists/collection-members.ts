import { CollectionMember } from "../../entities/collection.js";
import { memberScope } from "../holder-scopes.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";

export const collectionMemberList: List<CollectionMember, Record<never, never>, never> = {
  name: "collectionMemberList",
  from: "collection_member",
  scope: memberScope,
  key: [{ name: "id", type: "bigint" }],
  filters: {},
  orders: {},
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, CollectionMember, raw),
};

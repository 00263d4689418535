import { Collection } from "../../entities/collection.js";
import { Target } from "../../entities/target.js";
import { byTarget, ID_KEY } from "../columns.js";
import { contains, equals, isNull } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { refersTo } from "../refers-to.js";
import { collectionScope } from "../scopes.js";

interface CollectionFilter {
  readonly kind?: string | null;
  readonly target?: string | null;
  readonly local?: boolean | null;
  readonly nameContains?: string | null;
}

export const collectionList: List<Collection, CollectionFilter, "NAME" | "ADDED_AT"> = {
  name: "collectionList",
  from: "collection",
  scope: collectionScope,
  key: ID_KEY,
  filters: {
    kind: (kind) => equals("kind", kind),
    target: (target) => refersTo(byTarget, Target, target),
    local: (local) => isNull("target_id", local),
    nameContains: (text) => contains(["name"], text),
  },
  orders: {
    NAME: { name: "name", type: "text" },
    ADDED_AT: { name: "added_at", type: "timestamptz" },
  },
  defaultOrder: { column: null, direction: "ASC" },
  read: (db, raw) => hydrate(db, Collection, raw),
};

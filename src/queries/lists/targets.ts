import { Target } from "../../entities/target.js";
import { ID_KEY } from "../columns.js";
import { contains, equals } from "../conditions.js";
import { hydrate } from "../hydrate.js";
import type { List } from "../list.js";
import { targetScope } from "../scopes.js";

interface TargetFilter {
  readonly plugin?: string | null;
  readonly nameContains?: string | null;
}

export const targetList: List<Target, TargetFilter, "NAME" | "ADDED_AT"> = {
  name: "targetList",
  from: "target",
  scope: targetScope,
  key: ID_KEY,
  filters: {
    plugin: (plugin) => equals("plugin", plugin),
    nameContains: (text) => contains(["name"], text),
  },
  orders: {
    NAME: { name: "name", type: "text" },
    ADDED_AT: { name: "added_at", type: "timestamptz" },
  },
  defaultOrder: { column: { name: "name", type: "text" }, direction: "ASC" },
  read: (db, raw) => hydrate(db, Target, raw),
};

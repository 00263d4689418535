import { type Condition, references } from "./conditions.js";
import type { Relation } from "./list.js";
import { type NodeClass, requireNodeKey } from "./node-key.js";

/**
 * The rows that belong to the object with this global id.
 * @throws AppError NOT_FOUND when it is not an id of that type.
 */
export function refersTo(relation: Relation, node: NodeClass, globalId: string): Condition {
  return references(relation.columns, requireNodeKey(node, globalId));
}

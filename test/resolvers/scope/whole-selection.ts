import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";
import { accessRuleOf } from "../../../src/entities/allow.js";
import { Role } from "../../../src/entities/role.js";

/** All that can be asked of what a field answers, without arguments, so many objects deep; aliased so that nothing clashes. */
export function wholeSelection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (isUnionType(named)) {
    const parts = named.getTypes().map((part) => `... on ${part.name} ${fieldsOf(part, depth, `${part.name}_`)}`);
    return `{ __typename ${parts.join(" ")} }`;
  }
  return fieldsOf(named, depth, "");
}

function fieldsOf(type: GraphQLNamedType, depth: number, prefix: string): string {
  if (!isObjectType(type) && !isInterfaceType(type)) return "{ __typename }";
  const fields = Object.values(type.getFields()).filter((field) => isOpen(field));
  const asked = fields.flatMap((field) => {
    const named = getNamedType(field.type);
    if (isLeafType(named)) return [`${prefix}${field.name}: ${field.name}`];
    // The edges of a page hold what its nodes hold.
    if (field.name === "edges" || depth === 0) return [];
    const isPage = /Connection$|^PageInfo$/.test(type.name) || /Connection$/.test(named.name);
    const nested = wholeSelection(field.type, isPage && field.name === "nodes" ? depth : depth - 1);
    return [`${prefix}${field.name}: ${field.name} ${nested}`];
  });
  return `{ __typename ${asked.join(" ")} }`;
}

/** Open to every caller, and asked for without anything given. */
function isOpen(field: GraphQLField<unknown, unknown>): boolean {
  const rule = accessRuleOf(field);
  return !field.args.some(isRequiredArgument) && (rule === null || rule.role === Role.VIEWER);
}

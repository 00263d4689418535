import { GraphQLID, type GraphQLInputType, isInputObjectType, isListType, isNonNullType } from "graphql";

/** The global ids in an input, wherever they stand: what a caller names. */
export function namedIds(type: GraphQLInputType, value: unknown): readonly string[] {
  if (isNonNullType(type)) return namedIds(type.ofType, value);
  if (value === null || value === undefined) return [];
  if (isListType(type)) return (value as readonly unknown[]).flatMap((item) => namedIds(type.ofType, item));
  if (isInputObjectType(type)) {
    const given = value as Readonly<Record<string, unknown>>;
    return Object.values(type.getFields()).flatMap((field) => namedIds(field.type, given[field.name]));
  }
  return type === GraphQLID ? [value as string] : [];
}

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";

export interface Operation {
  readonly kind: "query" | "subscription";
  readonly name: string;
  readonly text: string;
  /** The type whose objects it asks for by their ids, in the variable `ids`; null for a list. */
  readonly byIds: string | null;
}

/** Moments that lists and histories begin at. */
const MOMENT = JSON.stringify(new Date(Date.now() - 5 * 86_400_000).toISOString());

/**
 * Everything that may be asked of many objects at once: each field of each type whose objects have ids, and of each other
 * type that there are lists of; and what these fields answer, with each of its own fields. Each field of the first kind is an
 * operation of its own. The same of what each subscription tells.
 */
export function operationsOf(schema: GraphQLSchema): Operation[] {
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
  const byId = Object.values(schema.getTypeMap()).filter(isObjectType).filter(hasId);
  return [
    ...byId.flatMap((type) =>
      operationsOfType({
        ...{ kind: "query", name: type.name, type, byIds: type },
        ask: (selection) => `nodes(ids: $ids) { ... on ${type.name} ${selection} }`,
      }),
    ),
    ...queries.filter(isReadWhole).flatMap((field) => operationsOfList(field)),
    ...Object.values(schema.getSubscriptionType()?.getFields() ?? {}).flatMap((field) => operationsOfEvents(field)),
  ];
}

/** The types of all that queries answer, but for the pages that items come on. */
export function readTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  const found = new Set<GraphQLObjectType>();
  const visit = (type: ReturnType<typeof itemOf>): void => {
    if (isUnionType(type)) for (const part of type.getTypes()) visit(part);
    else if (isInterfaceType(type)) for (const part of schema.getPossibleTypes(type)) visit(part);
    else if (isObjectType(type) && !found.has(type)) {
      found.add(type);
      for (const field of Object.values(type.getFields())) visit(itemOf(field.type));
    }
  };
  const query = schema.getQueryType();
  visit(query as GraphQLObjectType);
  return [...found].filter((type) => type !== query);
}

/** `nodes` asks by ids; what takes an id, as an explanation does, is one object, and not many. */
function isReadWhole(field: GraphQLField<unknown, unknown>): boolean {
  return (
    !["nodes", "explainInstallation"].includes(field.name) &&
    field.args.filter(isRequiredArgument).every(({ name }) => name === "at")
  );
}

function operationsOfList(field: GraphQLField<unknown, unknown>): Operation[] {
  const item = itemOf(field.type);
  const ask = (selection: string) => `${field.name}${argumentsOf(field)} ${aroundItem(field.type, selection)}`;
  if (!isObjectType(item)) return [];
  // What is asked of an object with an id is the same, however it was found.
  if (hasId(item)) return [operation("query", field.name, ask(leavesOf(item)), null)];
  return operationsOfType({ kind: "query", name: item.name, type: item, ask, byIds: null });
}

function operationsOfEvents(field: GraphQLField<unknown, unknown>): Operation[] {
  const type = getNamedType(field.type) as GraphQLObjectType;
  const byIds = field.args.some(({ name }) => name === "ids") ? type : null;
  const ask = (selection: string) => `${field.name}${byIds ? "(ids: $ids)" : ""} ${selection}`;
  return operationsOfType({ kind: "subscription", name: field.name, type, ask, byIds });
}

interface AskedType {
  readonly kind: Operation["kind"];
  readonly name: string;
  readonly type: GraphQLObjectType;
  /** Asks for its objects, given what is selected of each. */
  readonly ask: (selection: string) => string;
  readonly byIds: GraphQLObjectType | null;
}

function operationsOfType({ kind, name, type, ask, byIds }: AskedType): Operation[] {
  const nested = Object.values(type.getFields()).filter(({ type: answer }) => !isLeafType(getNamedType(answer)));
  return [
    operation(kind, name, ask(leavesOf(type)), byIds),
    ...nested.map((field) => operation(kind, `${name}.${field.name}`, ask(`{ __typename ${asked(field, 1)} }`), byIds)),
  ];
}

function operation(
  kind: Operation["kind"],
  name: string,
  selection: string,
  byIds: GraphQLObjectType | null,
): Operation {
  const text = `${kind}${byIds ? "($ids: [ID!]!)" : ""} { ${selection} }`;
  return { kind, name, text, byIds: byIds?.name ?? null };
}

function asked(field: GraphQLField<unknown, unknown>, depth: number): string {
  const item = itemOf(field.type);
  return `${field.name}${argumentsOf(field)} ${aroundItem(field.type, isLeafType(item) ? "" : selectionOf(item, depth))}`;
}

function selectionOf(type: ReturnType<typeof itemOf>, depth: number): string {
  if (isUnionType(type)) {
    const parts = type.getTypes().map((part) => `... on ${part.name} ${selectionOf(part, depth)}`);
    return `{ __typename ${parts.join(" ")} }`;
  }
  if (!isObjectType(type)) return "{ __typename }";
  const fields = Object.values(type.getFields()).filter((field) => depth > 0 || isLeafType(getNamedType(field.type)));
  return `{ __typename ${fields.map((field) => asked(field, depth - 1)).join(" ")} }`;
}

function leavesOf(type: GraphQLObjectType): string {
  return selectionOf(type, 0);
}

/** A page and what is on it are asked for at once. */
function aroundItem(type: GraphQLOutputType, selection: string): string {
  return isPage(type) ? `{ totalCount pageInfo { endCursor } edges { cursor } nodes ${selection} }` : selection;
}

function argumentsOf({ type, args }: GraphQLField<unknown, unknown>): string {
  const given = args.filter(isRequiredArgument).map(({ name }) => `${name}: ${MOMENT}`);
  const all = isPage(type) ? ["first: 100", ...given] : given;
  return all.length === 0 ? "" : `(${all.join(", ")})`;
}

function itemOf(type: GraphQLOutputType) {
  const named = getNamedType(type);
  return isPage(type) && isObjectType(named) ? getNamedType(named.getFields().nodes?.type as GraphQLOutputType) : named;
}

function isPage(type: GraphQLOutputType): boolean {
  const nullable = getNullableType(type);
  return !isListType(nullable) && isObjectType(nullable) && nullable.name.endsWith("Connection");
}

function hasId(type: GraphQLObjectType): boolean {
  return type.getInterfaces().some((implemented) => isInterfaceType(implemented) && implemented.name === "Node");
}

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  Kind,
  type OperationDefinitionNode,
  parse,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Role } from "../../../src/entities/role.js";
import { processFacts } from "../../../src/http/process-facts.js";
import { Compilation } from "../../../src/queries/fast-path/compilation.js";
import { shapes, variants } from "../../../src/queries/fast-path/shapes/index.js";
import { Unserved } from "../../../src/queries/fast-path/unserved.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { minimalInput } from "../../http/minimal-input.js";
import { startApi, type TestApi } from "../../http/start-api.js";

/** Sentences that code makes, secrets that are sealed, and what is found for all at once. */
const LEFT_TO_EXECUTION = [
  "Installation.queue",
  "Query.explainInstallation",
  "Query.licenseDrift",
  "Target.secretSettings",
];

/** Read by what their field was given. */
const OF_THEIR_FIELD = ["LicenseReport", "Plugin"];

const schema = buildSchema(resolvers);
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** The types whose objects a query can reach by what is served. */
function served(): Map<GraphQLObjectType, string[]> {
  const found = new Map<GraphQLObjectType, string[]>();
  const waiting = [schema.getQueryType() as GraphQLObjectType];
  for (let type = waiting.pop(); type; type = waiting.pop()) {
    if (found.has(type) || OF_THEIR_FIELD.includes(type.name)) continue;
    const left: string[] = [];
    found.set(type, left);
    for (const field of Object.values(type.getFields())) {
      if (!isServed(type, field)) left.push(`${type.name}.${field.name}`);
      else waiting.push(...itemTypes(field));
    }
  }
  return found;
}

/** What a field holds, through pages and unions. */
function itemTypes(field: GraphQLField<unknown, unknown>): GraphQLObjectType[] {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return [];
  if (!isObjectType(type)) return "getTypes" in type ? [...type.getTypes()] : [];
  const { nodes } = type.name.endsWith("Connection") ? type.getFields() : {};
  return nodes ? itemTypes(nodes) : [type];
}

function isServed(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): boolean {
  const given = field.args
    .filter(isRequiredArgument)
    .map((arg) => `${arg.name}: ${JSON.stringify(minimalInput(arg.type))}`);
  const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  const text = `query { ${field.name}${given.length > 0 ? `(${given.join(", ")})` : ""} ${selection} }`;
  const { selectionSet } = parse(text).definitions[0] as OperationDefinitionNode;
  const parent = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "parent" }, selectionSet } as FieldNode;
  const audience = { role: Role.ADMIN, isLimited: false };
  const facts = processFacts(api.core);
  const options = { schema, db: api.dataSource, facts, shapes, variants, fragments: {}, switches: {}, audience };
  try {
    new Compilation(options).objectJson(type, [parent], "row");
    return true;
  } catch (error) {
    if (error instanceof Unserved) return false;
    throw error;
  }
}

describe("the fast path", () => {
  test("leaves few fields of the whole schema to the ordinary execution, each for a reason", () => {
    const left = [...served().values()].flat().sort();
    expect(left).toEqual(LEFT_TO_EXECUTION);
    expect(served().size).toBeGreaterThan(30);
  });

  test("reads a column for a field only where no resolver has a say", () => {
    for (const type of served().keys()) {
      const { entity, fields = {} } = shapes.get(type.name) ?? {};
      if (!entity) continue;
      const derived = Object.keys(type.getFields()).filter((name) => !(name in fields) && name !== "id");
      const said = resolvedFields().filter((field) => field.startsWith(`${entity.name}.`));
      expect(derived.map((name) => `${entity.name}.${name}`).filter((field) => said.includes(field))).toEqual([]);
    }
  });
});

interface Metadata {
  readonly fieldResolvers: readonly {
    readonly kind: string;
    readonly schemaName: string;
    readonly getObjectType?: () => { readonly name: string };
  }[];
  readonly fields: readonly {
    readonly name: string;
    readonly schemaName: string;
    readonly target: { readonly name: string };
  }[];
}

/** The fields that a resolver answers, or a property of another name, as type-graphql was told. */
function resolvedFields(): string[] {
  const { fieldResolvers, fields } = (globalThis as unknown as { TypeGraphQLMetadataStorage: Metadata })
    .TypeGraphQLMetadataStorage;
  const external = fieldResolvers.flatMap(({ kind, schemaName, getObjectType }) =>
    kind === "external" && getObjectType ? [`${getObjectType().name}.${schemaName}`] : [],
  );
  const renamed = fields.flatMap(({ name, schemaName, target }) =>
    name === schemaName ? [] : [`${target.name}.${schemaName}`],
  );
  expect(external.length).toBeGreaterThan(50);
  expect(renamed.length).toBeGreaterThan(3);
  return [...external, ...renamed];
}

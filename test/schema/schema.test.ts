import { readFile } from "node:fs/promises";
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import { schemaText } from "../../src/schema/schema-text.js";

const schema = buildSchema(resolvers);
const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type),
);

describe("the GraphQL schema", () => {
  test("is the one in schema.graphql; `npm run schema` writes it", async () => {
    const committed = await readFile(new URL("../../src/schema/schema.graphql", import.meta.url), "utf8");
    expect(committed).toBe(schemaText(schema));
  });

  test("describes every type, field, argument and enum value", () => {
    expect(ownTypes.length).toBeGreaterThan(50);
    expect(ownTypes.flatMap(withoutDescription)).toEqual([]);
  });

  test("has every query that the design names", () => {
    const names = Object.keys(schema.getQueryType()?.getFields() ?? {});
    expect(names).toEqual(expect.arrayContaining(QUERIES));
  });

  test("has every subscription that the design names, and those of alerts and apps", () => {
    expect(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort()).toEqual([
      "alertsChanged",
      "deploymentChanged",
      "licenseEvents",
      "storeAppChanged",
      "syncRunChanged",
      "tokenHealthChanged",
    ]);
  });

  test("has every mutation that the design names", () => {
    const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(names).toEqual(expect.arrayContaining(MUTATIONS));
  });

  test("gives every mutation one input with an optional idempotency key, and a payload of its own", () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    const shapes = mutations.map(
      ({ name, args, type }) => `${name}(${args.map((arg) => arg.name)}: ${args[0]?.type}): ${type}`,
    );
    const pascal = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;
    expect(shapes).toEqual(
      mutations.map(({ name }) => `${name}(input: ${pascal(name)}Input!): ${pascal(name)}Payload!`),
    );
    expect(mutations.length).toBeGreaterThan(15);
    for (const { name } of mutations) {
      const input = schema.getType(`${pascal(name)}Input`);
      expect(isInputObjectType(input) && String(input.getFields().idempotencyKey?.type)).toBe("String");
    }
  });
});

const QUERIES = [
  "node",
  "nodes",
  ...["token", "storeApp", "license", "application", "collection", "deployment", "installation", "user", "device"],
  ...["target", "plugin", "syncRun", "appleOperation"],
  ...["tokens", "storeApps", "licenses", "applications", "collections", "deployments", "installations", "users"],
  ...["devices", "targets", "plugins", "syncRuns", "appleOperations", "alerts", "licenseReport", "licenseEvents"],
  ...["appleUser", "appleUsers", "stockChanges"],
];

const MUTATIONS = [
  ...["addToken", "updateToken", "renewToken", "removeToken", "takeOverToken", "suspendToken", "resumeToken"],
  ...["syncToken", "addTarget", "updateTarget", "removeTarget", "checkTarget", "importHolders"],
  ...["createCollection", "updateCollection", "deleteCollection", "addCollectionMembers", "removeCollectionMembers"],
  ...["createApplication", "planDeployment", "createDeployment", "changeDeploymentAction", "deleteDeployment"],
  ...["retryInstallation", "reclaimLicenses"],
];

function withoutDescription(type: GraphQLNamedType): string[] {
  const bare = isRoot(type) || type.description ? [] : [type.name];
  if (isEnumType(type)) {
    return [...bare, ...type.getValues().flatMap((value) => (value.description ? [] : [`${type.name}.${value.name}`]))];
  }
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return bare;
  for (const field of Object.values(type.getFields())) {
    if (!field.description) bare.push(`${type.name}.${field.name}`);
    const args = "args" in field ? field.args : [];
    for (const arg of args) if (!arg.description) bare.push(`${type.name}.${field.name}(${arg.name})`);
  }
  return bare;
}

/** The roots are told by their fields alone. */
function isRoot(type: GraphQLNamedType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType();
}

import { type GraphQLObjectType, getNamedType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { type SampleApi, startSampleApi } from "../../resolvers/sample-api.js";
import { type PlantedIds, plantWorld } from "../../resolvers/statements/plant-world.js";

const schema = buildSchema(resolvers);
const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
const nodes = objects.filter((type) => type.getInterfaces().some(({ name }) => name === "Node"));
const connections = objects.filter(({ name }) => name.endsWith("Connection"));
const typesOf = (type: GraphQLObjectType) =>
  Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, `${field.type}`]));

let api: SampleApi;
const ids: PlantedIds = {};
beforeAll(async () => {
  api = await startSampleApi();
  await plantWorld(api, ids);
}, 60_000);
afterAll(() => api.close());

describe("every object with an id", () => {
  test("is there to be tried", () => {
    expect(Object.keys(ids).sort()).toEqual(nodes.map(({ name }) => name).sort());
  });

  test.each(nodes.map(({ name }) => name))("%s is found by it, as itself, alone and among others", async (type) => {
    const [id] = ids[type] as string[];
    const found = { __typename: type, id };
    expect(await api.read("query ($id: ID!) { node(id: $id) { __typename id } }", { id })).toEqual({ node: found });
    expect(
      await api.read("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", { ids: [id, "no", id] }),
    ).toEqual({ nodes: [found, null, found] });
  });
});

describe("the schema is as Relay's specification of servers says", () => {
  test("in pages' places", () => {
    expect(typesOf(schema.getType("PageInfo") as GraphQLObjectType)).toEqual({
      hasNextPage: "Boolean!",
      hasPreviousPage: "Boolean!",
      startCursor: "String",
      endCursor: "String",
    });
  });

  test.each(connections.map((type) => [type.name, type] as const))("in %s", (_, type) => {
    expect(typesOf(type)).toMatchObject({ pageInfo: "PageInfo!", edges: expect.stringMatching(/^\[\w+Edge!\]!$/) });
    const edge = getNamedType(type.getFields().edges?.type) as GraphQLObjectType;
    expect(typesOf(edge)).toMatchObject({ cursor: "String!", node: expect.any(String) });
  });

  test("in every field that answers a page: from both ends", () => {
    const pages = objects.flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));
    const answering = pages.filter(({ field }) => getNamedType(field.type).name.endsWith("Connection"));
    expect(answering.length).toBeGreaterThan(30);
    for (const { type, field } of answering) {
      const args = Object.fromEntries(field.args.map((arg) => [arg.name, `${arg.type}`]));
      const place = `${type.name}.${field.name}`;
      expect({ place, ...args }).toMatchObject({ place, first: "Int", after: "String", last: "Int", before: "String" });
    }
  });
});

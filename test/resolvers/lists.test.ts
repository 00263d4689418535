import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
} from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolvers } from "../../src/resolvers/index.js";
import { buildSchema } from "../../src/schema/build-schema.js";
import { MOMENT, SampleRows } from "../http/sample-rows.js";
import { startApi, type TestApi } from "../http/start-api.js";

let api: TestApi;
const ids: Record<string, string> = {};
beforeAll(async () => {
  api = await startApi();
  const rows = new SampleRows(api.dataSource);
  const [token, target, user, collection] = [
    await rows.token(),
    await rows.target(),
    await rows.user(),
    await rows.collection(),
  ];
  const [storeApp, device] = [await rows.storeApp(token), await rows.device()];
  const deployment = await rows.deployment(storeApp, target, collection);
  for (const [name, node] of Object.entries({ token, target, user, collection, storeApp, device, deployment })) {
    ids[name] = node.globalId;
  }
});
afterAll(() => api.close());

const queries = Object.values(buildSchema(resolvers).getQueryType()?.getFields() ?? {});
const lists = queries.filter((field) => field.args.some((arg) => arg.name === "first"));

function inputFields(list: GraphQLField<unknown, unknown>, argument: string) {
  const type = getNamedType(list.args.find((arg) => arg.name === argument)?.type);
  return isInputObjectType(type) ? Object.values(type.getFields()) : [];
}

function sample(name: string, type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [sample(name, nullable.ofType)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (getNamedType(type).name === "Boolean") return true;
  if (getNamedType(type).name === "Int") return 1;
  if (getNamedType(type).name === "DateTime") return MOMENT.toISOString();
  return getNamedType(type).name === "ID" ? ids[name] : "x";
}

/** The arguments that a list cannot do without. */
function required(list: string): string {
  const args = lists.find(({ name }) => name === list)?.args.filter(isRequiredArgument) ?? [];
  return args.map(({ name, type }) => `${name}: ${JSON.stringify(sample(name, type))}`).join(" ");
}

async function expectPage(
  list: string,
  args: string,
  types: string,
  variables: Record<string, unknown>,
): Promise<void> {
  const query = `query (${types}) { ${list}(first: 3, ${required(list)} ${args}) { edges { cursor } totalCount } }`;
  const { errors, data } = await api.ask(query, variables);
  expect({ errors, variables }).toEqual({ errors: [], variables });
  expect(data).toHaveProperty(`${list}.totalCount`);
}

const FILTERED = lists.flatMap((list) => inputFields(list, "filter").map((field) => ({ list, field })));
const SORTED = lists.flatMap((list) => {
  const field = inputFields(list, "orderBy").find(({ name }) => name === "field");
  const type = field && getNamedType(field.type);
  return isEnumType(type) ? type.getValues().map(({ name }) => ({ list, name })) : [];
});

test("there are lists to try", () => {
  expect(lists.length).toBeGreaterThan(20);
  expect(FILTERED.length).toBeGreaterThan(40);
  expect(SORTED.length).toBeGreaterThan(15);
});

test.each(FILTERED.map(({ list, field }) => [list.name, field.name, field.type] as const))(
  "%s can be filtered by %s, alone and with every other filter",
  async (name, field, type) => {
    const list = lists.find((known) => known.name === name);
    const filterType = list?.args.find((arg) => arg.name === "filter")?.type;
    const all = Object.fromEntries(
      FILTERED.filter((known) => known.list.name === name).map((known) => [
        known.field.name,
        sample(known.field.name, known.field.type),
      ]),
    );
    await expectPage(name, "filter: $filter", `$filter: ${filterType}`, { filter: { [field]: sample(field, type) } });
    await expectPage(name, "filter: $filter", `$filter: ${filterType}`, { filter: all });
  },
);

test.each(SORTED.map(({ list, name }) => [list.name, name] as const))("%s can be sorted by %s", async (name, field) => {
  const orderType = lists.find((known) => known.name === name)?.args.find((arg) => arg.name === "orderBy")?.type;
  for (const direction of ["ASC", "DESC"]) {
    await expectPage(name, "orderBy: $orderBy", `$orderBy: ${orderType}`, { orderBy: { field, direction } });
  }
});

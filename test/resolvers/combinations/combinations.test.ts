import {
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../../simulators/random.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { WITHOUT_LIMITS } from "../../http/start-api.js";
import { recordStatements } from "../../support/record-statements.js";
import { type SampleApi, startSampleApi } from "../sample-api.js";
import { type PlantedIds, plantWorld } from "../statements/plant-world.js";
import { NAIVE_LISTS, readWorld, type World } from "./naive-lists.js";
import { type Asked, naiveList } from "./naive-page.js";
import { sampleValue } from "./sample-value.js";
import { scatter } from "./scatter.js";

const WORLDS = 4;
const COMBINATIONS = 8;

const queries = buildSchema(resolvers).getQueryType()?.getFields() ?? {};

let api: SampleApi;
let world: World;
const ids: PlantedIds = {};
beforeAll(async () => {
  api = await startSampleApi(WITHOUT_LIMITS, false);
  for (let at = 0; at < WORLDS; at += 1) await plantWorld(api, ids);
  await scatter(api.dataSource);
  await api.dataSource.query("ANALYZE");
  world = await readWorld(api.dataSource);
}, 120_000);
afterAll(() => api.close());

interface Page {
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly cursor: string }[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}

type Place = { readonly first?: number; readonly last?: number; readonly after?: string; readonly before?: string };

function inputFields(name: string, argument: string): GraphQLInputField[] {
  const type = getNamedType(queries[name]?.args.find((arg) => arg.name === argument)?.type as GraphQLInputType);
  return isInputObjectType(type) ? Object.values(type.getFields()) : [];
}

function orderFields(name: string): string[] {
  const type = getNamedType(inputFields(name, "orderBy").find((field) => field.name === "field")?.type);
  return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
}

async function page(name: string, asked: Asked, place: Place): Promise<Page> {
  const variables = { ...asked, ...place };
  const types = Object.keys(variables).map((variable) => {
    return `$${variable}: ${getNullableType(queries[name]?.args.find((arg) => arg.name === variable)?.type)}`;
  });
  const given = Object.keys(variables).map((variable) => `${variable}: $${variable}`);
  const query = `query (${types.join(", ")}) { ${name}(${given.join(", ")}) {
    nodes { id } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage } } }`;
  return ((await api.read(query, variables)) as Record<string, Page>)[name] as Page;
}

/** Some of the filters, and perhaps an order. */
function combination(name: string, random: SeededRandom): Asked {
  const filter: Record<string, unknown> = {};
  for (const { name: field, type } of inputFields(name, "filter")) {
    if (random.next() < 0.3) filter[field] = sampleValue(field, type, { world, ids, list: name, random });
  }
  const fields = [null, ...orderFields(name)];
  const field = fields[random.integer(fields.length)] ?? null;
  const direction = random.next() < 0.5 ? "ASC" : "DESC";
  return { filter, ...(field !== null && { orderBy: { field, direction } }) };
}

/** All ids, page by page. */
async function walk(name: string, asked: Asked, size: number, end: "first" | "last"): Promise<string[]> {
  const met: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const beyond = cursor === undefined ? {} : { [end === "first" ? "after" : "before"]: cursor };
    const { nodes, edges, pageInfo } = await page(name, asked, { [end]: size, ...beyond });
    const found = nodes.map(({ id }) => id);
    if (end === "first") met.push(...found);
    else met.unshift(...found);
    cursor = (end === "first" ? edges.at(-1) : edges[0])?.cursor;
    if (!(end === "first" ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return met;
  }
}

/** The plans of all that is asked, where PostgreSQL reads whole tables and sorts only if there is nothing else. */
async function plansOf(name: string, asked: Asked): Promise<string> {
  const { statements } = await recordStatements(() => page(name, asked, { first: 3 }));
  return api.dataSource.transaction(async (tx) => {
    for (const way of ["seqscan", "sort", "bitmapscan"]) await tx.query(`SET LOCAL enable_${way} = off`);
    const plans: string[] = [];
    for (const { text, values } of statements.filter((statement) => statement.text.includes("LIMIT"))) {
      const lines: { "QUERY PLAN": string }[] = await tx.query(`EXPLAIN ${text}`, [...values]);
      plans.push(lines.map((line) => line["QUERY PLAN"]).join("\n"));
    }
    return plans.join("\n");
  });
}

/** A sort that only settles ties stops with the page; one above a limit has a page to sort. */
const SORTED_WHOLE = /(?<!Incremental )Sort {2}\(.*\n(?:(?!.*->).*\n)*\s*-> {2}(?!Limit)/;

const NAMES = Object.keys(NAIVE_LISTS);

test("every list of objects with ids that can be filtered or sorted is known here", () => {
  const known = Object.keys(queries).filter((name) => inputFields(name, "filter").length > 0);
  const others = ["leakedLicenses", "licenseDrift", "licenseEvents", "licensesAt", "reclaimCandidates"];
  expect(known.sort()).toEqual([...NAMES, ...others].sort());
});

describe.each(NAMES)("%s, in many combinations of filters and orders,", (name) => {
  const list = NAIVE_LISTS[name] as (typeof NAIVE_LISTS)[string];
  const random = new SeededRandom(7, NAMES.indexOf(name));
  const orders = orderFields(name).map((field, at) => ({
    orderBy: { field, direction: at % 2 === 0 ? "ASC" : "DESC" },
  }));
  const combinations = () => [
    {},
    ...(orders as Asked[]),
    ...Array.from({ length: COMBINATIONS }, () => combination(name, random)),
  ];

  test("holds what a look at every row finds, whole and page by page, forth and back and between two cursors", async () => {
    let found = 0;
    for (const asked of combinations()) {
      const expected = naiveList(list, world, asked);
      const size = Math.max(1, Math.ceil(expected.length / 3));
      const whole = await page(name, asked, { first: 500 });
      expect({ asked, ids: whole.nodes.map(({ id }) => id) }).toEqual({ asked, ids: expected });
      expect(whole.totalCount).toBe(expected.length);
      expect({ asked, ids: await walk(name, asked, size, "first") }).toEqual({ asked, ids: expected });
      expect({ asked, ids: await walk(name, asked, size, "last") }).toEqual({ asked, ids: expected });
      found += expected.length;
      const [after, before] = [whole.edges[0]?.cursor, whole.edges.at(-1)?.cursor];
      if (!after || !before) continue;
      const between = await page(name, asked, { last: 500, after, before });
      expect({ asked, ids: between.nodes.map(({ id }) => id) }).toEqual({ asked, ids: expected.slice(1, -1) });
    }
    expect(found).toBeGreaterThan(0);
  });

  test("is read from indexes in their order", async () => {
    for (const asked of combinations()) {
      const plans = await plansOf(name, asked);
      // An app of one token and another token: nothing is read at all.
      if (plans.includes("One-Time Filter: false")) continue;
      expect({ asked, plans }).toEqual({ asked, plans: expect.not.stringMatching(/Seq Scan on \w+ (item|app)\b/) });
      expect({ asked, plans }).toEqual({ asked, plans: expect.not.stringMatching(SORTED_WHOLE) });
    }
  });
});

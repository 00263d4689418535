import { type GraphQLField, getNamedType, isEnumType, isInputObjectType, isNonNullType, isObjectType } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Chance } from "../../../soak/chance.js";
import { DeploymentPlan } from "../../../src/entities/deployment-plan.js";
import { Role } from "../../../src/entities/role.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { createKey } from "../../http/create-key.js";
import { API_KEY, startApi, type TestApi, WITHOUT_LIMITS } from "../../http/start-api.js";
import { type SampleApi, startSampleApi } from "../../resolvers/sample-api.js";
import { type KnownValues, OperationGenerator } from "./operation-generator.js";
import { plantWorld } from "./plant-world.js";

/** FAST_PATH_OPERATIONS and FAST_PATH_SEED try more, or others. */
const COUNT = Number(process.env.FAST_PATH_OPERATIONS ?? 1_000);
const SEED = Number(process.env.FAST_PATH_SEED ?? 1);
/** Five operations a second, on a machine that has much else to do. */
const TIMEOUT_MS = Math.max(60_000, COUNT * 200);

interface Caller {
  readonly role: Role;
  readonly headers: Record<string, string>;
}

const schema = buildSchema(resolvers);
let fast: SampleApi;
let ordinary: TestApi;
let callers: readonly (Caller & { readonly known: KnownValues })[];

beforeAll(async () => {
  fast = await startSampleApi(WITHOUT_LIMITS);
  ordinary = await startApi(fast.database, { fastPath: false, limits: WITHOUT_LIMITS });
  await plantWorld(fast);
  const root: Caller = { role: Role.ADMIN, headers: { authorization: `Bearer ${API_KEY}` } };
  const others = [
    { role: Role.OPERATOR },
    { role: Role.VIEWER },
    { role: Role.ADMIN, teams: ["North"] },
    { role: Role.VIEWER, teams: ["North", "West"] },
  ];
  const made = others.map(async (own) => ({ role: own.role, headers: (await createKey(fast, own)).headers }));
  const all = [root, ...(await Promise.all(made))];
  callers = await Promise.all(all.map(async (caller) => ({ ...caller, known: await readKnown(caller) })));
  // What depends on the time is the same for both.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
});
afterAll(async () => {
  vi.useRealTimers();
  await ordinary?.close();
  await fast?.close();
});

/** What a caller sees: the ids of all objects that lists show, and the cursors of lists in every order. */
async function readKnown({ headers }: Caller): Promise<KnownValues> {
  const ids = new Map<string, string[]>();
  const cursors = new Map<string, string[]>();
  const plans = await fast.dataSource.manager.find(DeploymentPlan);
  const seen = await ordinary.ask(
    "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
    { ids: plans.map(({ globalId }) => globalId) },
    headers,
  );
  ids.set(
    DeploymentPlan.name,
    (seen.data as { nodes: ({ id: string } | null)[] }).nodes.flatMap((node) => node?.id ?? []),
  );
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    if (!field.args.some(({ name }) => name === "first")) continue;
    const connection = getNamedType(field.type);
    const node = isObjectType(connection) ? getNamedType(connection.getFields().nodes?.type ?? connection) : connection;
    const hasId = isObjectType(node) && node.getInterfaces().length > 0;
    const required = field.args.some(({ name, type }) => name === "at" && isNonNullType(type));
    const at = required ? ', at: "2030-06-01T00:00:00Z"' : "";
    for (const order of ordersOf(field)) {
      const by = order ? `, orderBy: {${Object.entries(order).map(([name, value]) => `${name}: ${value}`)}}` : "";
      const text = `{ list: ${field.name}(first: 100${by}${at}) { edges { cursor node { ${hasId ? "id" : "__typename"} } } } }`;
      const { data } = await ordinary.ask(text, {}, headers);
      const edges = (data as { list: { edges: { cursor: string; node: { id: string } }[] } } | null)?.list.edges ?? [];
      cursors.set(
        `Query.${field.name} ${JSON.stringify(order)}`,
        edges.map(({ cursor }) => cursor),
      );
      if (hasId && order === null)
        ids.set(
          node.name,
          edges.map((edge) => edge.node.id),
        );
    }
  }
  return { ids, cursors };
}

function ordersOf(field: GraphQLField<unknown, unknown>): readonly (Record<string, string> | null)[] {
  const order = getNamedType(field.args.find(({ name }) => name === "orderBy")?.type);
  const names = isInputObjectType(order) ? getNamedType(order.getFields().field?.type) : null;
  const orders = isEnumType(names) ? names.getValues().map(({ name }) => ({ field: name })) : [];
  return [null, ...orders, ...orders.map((asked) => ({ ...asked, direction: "DESC" }))];
}

interface Told {
  readonly data: unknown;
  readonly errors?: readonly object[];
  readonly extensions: { readonly fastPath: { readonly served: boolean; readonly reason?: string } };
}

async function send(url: string, headers: Record<string, string>, body: object): Promise<Told> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...body, extensions: { fastPath: true } }),
  });
  return (await response.json()) as Told;
}

/** Where two texts part, with what stands around; null for equal ones. */
function firstDifference(fastText = "", ordinaryText = ""): { fast: string; ordinary: string } | null {
  if (fastText === ordinaryText) return null;
  let at = 0;
  while (fastText[at] === ordinaryText[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 120), at + 80);
  return { fast: around(fastText), ordinary: around(ordinaryText) };
}

describe("the fast path", () => {
  test(
    "answers what the ordinary execution does, in the same order, for every caller, and most of what is asked for",
    async () => {
      const chance = new Chance(SEED, 1);
      const reasons = new Map<string, number>();
      const wrong: object[] = [];
      let served = 0;
      let flawless = 0;
      for (let at = 0; at < COUNT; at++) {
        const { role, headers, known } = chance.one(callers);
        const operation = new OperationGenerator(schema, known, chance).next(role);
        const [quick, slow] = await Promise.all([
          send(fast.url, headers, operation),
          send(ordinary.url, headers, operation),
        ]);
        const difference = firstDifference(JSON.stringify(quick.data), JSON.stringify(slow.data));
        if (difference) wrong.push({ at, role, ...operation, ...difference });
        expect(quick.errors?.length).toBe(slow.errors?.length);
        expect(slow.extensions.fastPath.served).toBe(false);
        if (!slow.errors) flawless++;
        if (quick.extensions.fastPath.served) served++;
        const { reason } = quick.extensions.fastPath;
        if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      const told = [...reasons].sort(([, one], [, other]) => other - one);
      if (process.env.FAST_PATH_OPERATIONS)
        console.log(`${served} of ${COUNT} were served; ${flawless} are without errors`, told);
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(fast.log.filter((line) => line.includes("fast path"))).toEqual([]);
      // What holds an error, as for one who may not, is left to the execution, which knows how to tell of it.
      expect(served / flawless).toBeGreaterThanOrEqual(0.9);
      expect(served / COUNT).toBeGreaterThanOrEqual(0.8);
    },
    TIMEOUT_MS,
  );
});

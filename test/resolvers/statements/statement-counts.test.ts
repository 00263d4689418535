import { afterAll, beforeAll, expect, test } from "vitest";
import { type Installation, InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { resolvers } from "../../../src/resolvers/index.js";
import { buildSchema } from "../../../src/schema/build-schema.js";
import { WITHOUT_LIMITS } from "../../http/start-api.js";
import { recordStatements } from "../../support/record-statements.js";
import { type SampleApi, startSampleApi } from "../sample-api.js";
import { firstEvents } from "./first-events.js";
import { type Operation, operationsOf, readTypes } from "./operations.js";
import { type PlantedIds, plantWorld } from "./plant-world.js";

const WORLDS = 7;
const schema = buildSchema(resolvers);
const operations = operationsOf(schema);

/** Some statements have the present moment written out. */
const WRITTEN_MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** What each operation asked of PostgreSQL with one world, and with many. */
const ofOne = new Map<string, readonly string[]>();
const ofMany = new Map<string, readonly string[]>();
/** Fields that had a value, or an item, at least once: `Type.field`. */
const filled = new Set<string>();

let api: SampleApi;
beforeAll(async () => {
  // The ordinary execution is what is counted: the fast path has one statement for everything.
  api = await startSampleApi(WITHOUT_LIMITS, false);
  const ids: PlantedIds = {};
  await plantWorld(api, ids);
  await run(ids, 1, ofOne);
  for (let world = 1; world < WORLDS; world += 1) await plantWorld(api, ids);
  await run(ids, WORLDS, ofMany);
}, 120_000);
afterAll(() => api.close());

async function run(ids: PlantedIds, worlds: number, counted: Map<string, readonly string[]>): Promise<void> {
  for (const operation of operations) {
    const { result, statements } = await recordStatements(() => ask(operation, ids, worlds));
    counted.set(operation.name, statements.map((statement) => statement.text.replaceAll(WRITTEN_MOMENT, "…")).sort());
    noteFilled(result);
  }
}

/** What it answers; of a subscription an event a world, of which there are as many at least. */
function ask({ kind, text, byIds }: Operation, ids: PlantedIds, worlds: number): Promise<unknown> {
  const variables = byIds ? { ids: idsOf(ids, byIds) } : {};
  return kind === "query" ? api.read(text, variables) : firstEvents(api, schema, { text, variables, count: worlds });
}

function idsOf(ids: PlantedIds, type: string): string[] {
  const known = ids[type];
  if (!known) throw new Error(`Nothing was planted of ${type}`);
  return known;
}

function noteFilled(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) noteFilled(item);
  else if (typeof value === "object" && value !== null) {
    const { __typename, ...fields } = value as Record<string, unknown>;
    for (const [name, field] of Object.entries(fields)) {
      if (field !== null && !(Array.isArray(field) && field.length === 0)) filled.add(`${__typename}.${name}`);
      noteFilled(field);
    }
  }
}

test.each(operations.map(({ name }) => name))("%s takes as many statements for many objects as for one", (name) => {
  expect(ofMany.get(name)).toEqual(ofOne.get(name));
});

/** Asks why each of so many installations of one person is where it is. */
async function explain(count: number, own: Partial<Installation>): Promise<readonly string[]> {
  const { rows } = api;
  const app = await rows.storeApp(await rows.token());
  const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
  const user = await rows.user();
  for (let at = 0; at < count; at += 1) {
    await rows.installation(deployment, { ...own, userId: user.id, deviceId: (await rows.device()).id });
  }
  const query = `query ($app: ID!, $user: ID!) { explainInstallation(storeApp: $app, user: $user) {
    __typename installation { id } chain { __typename cause evidence nextAction since whoHasToAct } } }`;
  const { result, statements } = await recordStatements(() =>
    api.read(query, { app: app.globalId, user: user.globalId }),
  );
  expect(result).toMatchObject({ explainInstallation: { length: count } });
  noteFilled(result);
  return statements.map(({ text }) => text).sort();
}

test.each([
  { state: InstallationState.WAITING_FOR_LICENSE, reason: InstallationReason.OUT_OF_STOCK },
  { state: InstallationState.WAITING_FOR_LICENSE, reason: InstallationReason.LICENSE_RETURNING },
  { state: InstallationState.CANCELLED, reason: InstallationReason.KEPT_BY_INSTALL },
  { state: InstallationState.SUPERSEDED, reason: InstallationReason.SERVED_BY_OTHER_TOKEN },
])("explainInstallation takes as many statements for many installations as for one: %j", async (own) => {
  expect(await explain(WORLDS, own)).toEqual(await explain(1, own));
});

/** What a subscription tells when it has left something out, which a query never has. */
const TOLD_LIVE = ["LicenseEvent.leftOutSince"];

test("every field of everything that can be read had a value, or an item, at least once", () => {
  const fields = readTypes(schema).flatMap((type) =>
    Object.keys(type.getFields()).map((field) => `${type.name}.${field}`),
  );
  expect(fields.filter((field) => !filled.has(field))).toEqual(TOLD_LIVE);
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AppleSimulator, startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import type { App, Beginning } from "../../test/model/world.js";
import { World } from "../../test/model/world.js";
import type { Chance } from "../chance.js";
import type { Cluster } from "../cluster.js";
import { ourSideOf } from "../our-side.js";
import { control } from "../sync/apple-side.js";
import { weather } from "../sync/weather.js";
import { TransactionWatch } from "../watch-transactions.js";
import { Product } from "./mdm/product.js";
import { addressOf, DOMAIN, serveProduct } from "./mdm/serve-product.js";
import { type Staff, startModelService } from "./service.js";
import { importAll, rest } from "./settle.js";
import { deviceOf, type Names, type Stage, serialOf } from "./stage.js";
import { nameOf, Watch } from "./watch.js";

/** A stage that has to be cleared. */
export interface ClearableStage extends Stage {
  clear(): Promise<void>;
}

export interface StagePlan {
  readonly seed: number;
  readonly beginning: Beginning;
  readonly chance: Chance;
  readonly staff: Staff;
}

/** The simulator's apps whose licences cannot be taken back, and that are not for devices; any other is bought new. */
const IRREVOCABLE = "6430000003";
const NOT_FOR_DEVICES = "6430000002";
const FIRST_NEW_APP = 6_450_000_001;

/** A database, an Apple, an MDM and a service that knows both, with nothing deployed yet. */
export async function setTheStage(cluster: Cluster, plan: StagePlan): Promise<ClearableStage> {
  const closers: (() => Promise<unknown>)[] = [];
  const clear = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await set(cluster, plan, closers)), clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function set(
  cluster: Cluster,
  { seed, beginning, chance, staff }: StagePlan,
  closers: (() => Promise<unknown>)[],
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-history-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const database = await cluster.createDatabase();
  closers.push(database.drop);
  const ours = ourSideOf(database.url);
  closers.push(ours.close);
  const world = new World(beginning);
  const product = productOf(world);
  const served = await serveProduct(product);
  closers.push(served.stop);
  const adamIds = adamIdsOf(world);
  const transactions = new TransactionWatch(ours);
  const watch: Watch = new Watch(
    world,
    () => simulator,
    product,
    adamIds,
    async () => service.worker?.kill(),
  );
  const simulator = await startAppleSimulator({
    seed,
    domain: DOMAIN,
    apps: 10,
    licenses: 100,
    switches: { ...weather(chance), enforceRate: false, badManagedAppleIds: refusedAccounts(world) },
    onRequest: async ({ path }) => {
      watch.heedRequest(path);
      await transactions.look(path);
    },
  });
  closers.push(simulator.stop);
  await stock(simulator, world, adamIds);
  const service = await startModelService({
    databaseUrl: database.url,
    appleBaseUrl: simulator.baseUrl,
    dataDirectory: directory,
    staff,
  });
  closers.push(service.stop);
  const names: Names = { adamIds, ids: new Map(), deployments: new Map(), wishes: new Map() };
  const stage: Omit<Stage, "token" | "target"> = {
    world,
    simulator,
    product,
    service,
    ours,
    transactions,
    watch,
    names,
    control: (call, input) => control(simulator, call, input),
  };
  return introduce({ ...stage, token: "", target: "" }, served.url);
}

function productOf(world: World): Product {
  const product = new Product();
  for (const [name, { account }] of world.users) product.users.set(name, { hasAccount: account !== "none" });
  for (const [name, device] of world.devices) product.devices.set(name, { serial: serialOf(name), ...device });
  for (const [name, { kind, mirrored, members }] of world.collections) {
    if (mirrored) product.groups.set(name, { kind, members: new Set(members) });
  }
  return product;
}

function refusedAccounts({ users }: World): string[] {
  return [...users].flatMap(([name, { account }]) => (account === "refused" ? addressOf(name) : []));
}

function adamIdsOf(world: World): Map<string, string> {
  const adamIdOf = ({ revocable, deviceAssignable }: App, index: number) => {
    if (!revocable) return IRREVOCABLE;
    return deviceAssignable ? String(FIRST_NEW_APP + index) : NOT_FOR_DEVICES;
  };
  return new Map([...world.apps].map(([name, app], index) => [name, adamIdOf(app, index)]));
}

/** Buys and refunds until there are as many licences as the model says. */
async function stock(simulator: AppleSimulator, world: World, adamIds: ReadonlyMap<string, string>): Promise<void> {
  for (const [app, { total }] of world.apps) {
    const adamId = adamIds.get(app) ?? "";
    const there = simulator.world.locations[0]?.assets.find(adamId, "STDQ")?.totalCount ?? 0;
    if (there < total) await control(simulator, "/purchase", { adamId, count: total - there });
    if (there > total) await control(simulator, "/refund", { adamId, count: there - total });
  }
}

/** Makes the token, the target and the collections known to the service, and learns their ids. */
async function introduce(stage: Stage, mdmUrl: string): Promise<Stage> {
  const { addTarget } = await stage.service.ask<{ addTarget: { target: { id: string } } }>(
    "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }",
    { input: { plugin: "model-mdm", name: "MDM", settings: { url: mdmUrl } } },
  );
  const { addToken } = await stage.service.ask<{ addToken: { token: { id: string } } }>(
    'mutation ($file: String!) { addToken(input: { file: $file, name: "Model" }) { token { id } } }',
    { file: stage.simulator.tokenFile },
  );
  const known: Stage = { ...stage, target: addTarget.target.id, token: addToken.token.id };
  await importAll(known);
  await rest(known);
  await createCollections(known);
  await learnIds(known);
  return known;
}

async function createCollections(stage: Stage): Promise<void> {
  await learnIds(stage);
  for (const [name, { kind, mirrored, members }] of stage.world.collections) {
    if (mirrored) continue;
    const { createCollection } = await stage.service.ask<{ createCollection: { collection: { id: string } } }>(
      "mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id } } }",
      { input: { name, kind: kind.toUpperCase() } },
    );
    const ids = [...members].map((member) => stage.names.ids.get(member));
    await stage.service.ask(
      "mutation ($input: AddCollectionMembersInput!) { addCollectionMembers(input: $input) { collection { id } } }",
      { input: { collection: createCollection.collection.id, [kind === "user" ? "users" : "devices"]: ids } },
    );
  }
}

interface Nodes<Node> {
  readonly nodes: readonly ({ readonly id: string } & Node)[];
}

async function learnIds({ service, names, token }: Stage): Promise<void> {
  const found = await service.ask<{
    storeApps: Nodes<{ adamId: string }>;
    devices: Nodes<{ serial: string }>;
    users: Nodes<{ email: string }>;
    collections: Nodes<{ name: string }>;
  }>(
    `query ($token: ID!) {
       storeApps(first: 100, filter: { token: $token }) { nodes { id adamId } } devices(first: 500) { nodes { id serial } }
       users(first: 500) { nodes { id email } } collections(first: 100) { nodes { id name } } }`,
    { token },
  );
  const apps = new Map([...names.adamIds].map(([app, adamId]) => [adamId, app]));
  for (const { id, adamId } of found.storeApps.nodes) names.ids.set(apps.get(adamId) ?? adamId, id);
  for (const { id, serial } of found.devices.nodes) names.ids.set(deviceOf(serial), id);
  for (const { id, email } of found.users.nodes) names.ids.set(nameOf(email), id);
  for (const { id, name } of found.collections.nodes) names.ids.set(name, id);
}

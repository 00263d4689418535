import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AppleSimulator, startAppleSimulator } from "../../simulators/apple/start-apple-simulator.js";
import type { Chance } from "../chance.js";
import type { Cluster } from "../cluster.js";
import type { HistoryPlan } from "../history.js";
import { ourSideOf } from "../our-side.js";
import { type SoakService, startSoakService } from "../service.js";
import { TransactionWatch } from "../watch-transactions.js";
import { appleSideOf, control } from "./apple-side.js";
import { ForeignHands } from "./foreign-hands.js";
import type { Stage, StagedToken } from "./stage.js";
import { weather } from "./weather.js";

/** Licences move between two locations, each with a token of its own. */
const LOCATIONS = 2;

/** A stage that has to be cleared. */
export interface ClearableStage extends Stage {
  clear(): Promise<void>;
}

/** A database, an Apple of two locations, a service with their tokens, and an MDM with people and devices. */
export async function setTheStage(cluster: Cluster, plan: HistoryPlan, chance: Chance): Promise<ClearableStage> {
  const closers: (() => Promise<unknown>)[] = [];
  const clear = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await set(cluster, plan, chance, closers)), clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

async function set(
  cluster: Cluster,
  { seed, index, killed }: HistoryPlan,
  chance: Chance,
  closers: (() => Promise<unknown>)[],
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-history-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const database = await cluster.createDatabase();
  closers.push(database.drop);
  const ours = ourSideOf(database.url);
  closers.push(ours.close);
  const transactions = new TransactionWatch(ours);
  const simulator = await startApple(seed + index, chance, transactions);
  closers.push(simulator.stop);
  const service = await startSoakService({
    databaseUrl: database.url,
    appleBaseUrl: simulator.baseUrl,
    dataDirectory: directory,
    tokens: LOCATIONS,
    killed,
  });
  closers.push(service.stop);
  const mock = mockSettings(directory);
  const tokens: StagedToken[] = [];
  for (const location of simulator.world.locations) {
    const id = await addToken(service, location.token.text, location.identity.name);
    tokens.push({ id, apple: appleSideOf(simulator, location) });
  }
  return {
    simulator,
    tokens,
    ours,
    service,
    hands: new ForeignHands(),
    transactions,
    mock,
    target: await addTarget(service, mock),
    control: (call, input) => control(simulator, call, input),
  };
}

async function startApple(seed: number, chance: Chance, transactions: TransactionWatch): Promise<AppleSimulator> {
  const simulator = await startAppleSimulator({
    seed,
    domain: "allotment.example",
    apps: 12,
    licenses: chance.between(120, 400),
    users: chance.between(0, 6),
    assigned: chance.between(0, 40),
    switches: weather(chance),
    onRequest: ({ path }) => transactions.look(path),
  });
  while (simulator.world.locations.length < LOCATIONS) {
    simulator.addLocation({
      domain: "allotment.example",
      apps: 6,
      licenses: chance.between(30, 100),
      users: chance.between(0, 3),
      assigned: chance.between(0, 10),
    });
  }
  return simulator;
}

function mockSettings(directory: string): Stage["mock"] {
  return {
    world: directory,
    file: join(directory, "mock.jsonl"),
    users: 8,
    devices: 8,
    userless: 6,
    invitedEvery: 3,
    installMs: 5,
  };
}

async function addTarget(service: SoakService, settings: Stage["mock"]): Promise<string> {
  const { addTarget } = await service.ask<{ addTarget: { target: { id: string } } }>(
    "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }",
    { input: { plugin: "mock", name: "MDM", settings } },
  );
  const target = addTarget.target.id;
  await service.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", {
    target,
  });
  return target;
}

async function addToken(service: SoakService, file: string, name: string): Promise<string> {
  const { addToken } = await service.ask<{ addToken: { token: { id: string } } }>(
    "mutation ($file: String!, $name: String!) { addToken(input: { file: $file, name: $name }) { token { id } } }",
    { file, name },
  );
  return addToken.token.id;
}

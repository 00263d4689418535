import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type AppleSimulator, startAppleSimulator } from "../simulators/apple/start-apple-simulator.js";
import { atApple } from "./actions/at-apple.js";
import { atService, deploy, RESTART } from "./actions/at-service.js";
import { disturbances } from "./actions/disturbances.js";
import { appleSideOf } from "./apple-side.js";
import { Chance } from "./chance.js";
import { checkLedger } from "./check-ledger.js";
import type { Cluster } from "./cluster.js";
import { compare } from "./compare.js";
import { ForeignHands } from "./foreign-hands.js";
import { ourSideOf } from "./our-side.js";
import { type SoakService, startSoakService } from "./service.js";
import { comeToRest, RestlessError, readEverything } from "./settle.js";
import type { Action, Stage } from "./stage.js";
import { TransactionWatch } from "./watch-transactions.js";
import { weather } from "./weather.js";

/** Every history begins with so many deployments. */
const DEPLOYMENTS = 5;

const ACTIONS: readonly Action[] = [...atApple, ...disturbances, ...atService];

/** Streams of chance of one history: its beginning, and one an action, so that each is chosen by the seed alone. */
const STREAMS = 1_000;

/** Of how many histories one has a service that is killed. */
const KILLED_EVERY = 4;

export interface HistoryPlan {
  readonly seed: number;
  readonly index: number;
  readonly actions: number;
}

/** How a history ended. */
export interface HistoryResult {
  readonly index: number;
  /** What happened, in order. */
  readonly log: readonly string[];
  /** How often the service was killed. */
  readonly kills: number;
  /** Nothing when Apple's data and ours are equal and the ledger is right. */
  readonly faults: readonly string[];
  /** Rows that differed still after a delta; a full read has the last word. */
  readonly staleRows: readonly string[];
  readonly figures: Figures;
}

/** What the service has done in a history. */
export interface Figures {
  /** That Apple has served, those of others included. */
  readonly requests: number;
  readonly syncRuns: number;
  readonly operations: number;
  readonly licenses: number;
  /** Of them, started or ended by somebody else. */
  readonly external: number;
  readonly installations: number;
}

const FIGURES_SQL = `
  SELECT (SELECT count(*)::int FROM sync_run) AS "syncRuns", (SELECT count(*)::int FROM apple_operation) AS operations,
         (SELECT count(*)::int FROM license) AS licenses, (SELECT count(*)::int FROM installation) AS installations,
         (SELECT count(*)::int FROM license WHERE 'EXTERNAL' IN (start_cause, end_cause)) AS external`;

/** Plays one history on a database and an Apple of its own, to its rest, and compares the two. */
export async function playHistory(cluster: Cluster, plan: HistoryPlan): Promise<HistoryResult> {
  const chance = new Chance(plan.seed, plan.index * STREAMS);
  const killable = plan.index % KILLED_EVERY === KILLED_EVERY - 1;
  const log: string[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stage = await setTheStage(cluster, plan, chance, killable, closers);
    const verdict = await playAndJudge(stage, plan, chance, log);
    const kills = killable ? log.filter((line) => line.startsWith(RESTART)).length : 0;
    const [done] = await stage.ours.rows<Omit<Figures, "requests">>(FIGURES_SQL);
    if (!done) throw new Error("The figures are missing");
    return { index: plan.index, log, kills, figures: { requests: stage.transactions.requests, ...done }, ...verdict };
  } finally {
    for (const closer of closers.reverse()) await closer();
  }
}

type Verdict = Pick<HistoryResult, "faults" | "staleRows">;

async function playAndJudge(stage: Stage, plan: HistoryPlan, chance: Chance, log: string[]): Promise<Verdict> {
  let staleRows: readonly string[] = [];
  try {
    await comeToRest(stage);
    for (let count = 1; count <= DEPLOYMENTS; count += 1) log.push(await perform(deploy, stage, chance));
    for (let number = 1; number <= plan.actions; number += 1) {
      log.push(await act(stage, new Chance(plan.seed, plan.index * STREAMS + number)));
    }
    await comeToRest(stage);
    staleRows = await compare(await stage.apple.readAll(), stage.ours);
    await readEverything(stage);
    const differences = await compare(await stage.apple.readAll(), stage.ours);
    return { faults: [...differences, ...(await checkLedger(stage)), ...stage.transactions.faults], staleRows };
  } catch (error) {
    if (!(error instanceof RestlessError)) throw error;
    return { faults: [error.message, ...stage.transactions.faults], staleRows };
  }
}

async function setTheStage(
  cluster: Cluster,
  plan: HistoryPlan,
  chance: Chance,
  killable: boolean,
  closers: (() => Promise<unknown>)[],
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-history-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const database = await cluster.createDatabase();
  closers.push(database.drop);
  const ours = ourSideOf(database.url);
  closers.push(ours.close);
  const transactions = new TransactionWatch(ours);
  const simulator = await startAppleSimulator({
    seed: plan.seed + plan.index,
    domain: "allotment.example",
    apps: 12,
    licenses: chance.between(120, 400),
    users: chance.between(0, 6),
    assigned: chance.between(0, 40),
    switches: weather(chance),
    onRequest: ({ path }) => transactions.look(path),
  });
  closers.push(simulator.stop);
  const service = await startSoakService({
    databaseUrl: database.url,
    appleBaseUrl: simulator.baseUrl,
    dataDirectory: directory,
    killable,
  });
  closers.push(service.stop);
  const mock = {
    world: directory,
    file: join(directory, "mock.jsonl"),
    users: 8,
    devices: 8,
    userless: 6,
    invitedEvery: 3,
    installMs: 5,
  };
  return {
    simulator,
    apple: appleSideOf(simulator),
    ours,
    service,
    hands: new ForeignHands(),
    transactions,
    mock,
    ...(await addTokenAndTarget(service, simulator, mock)),
  };
}

async function addTokenAndTarget(service: SoakService, simulator: AppleSimulator, mock: Stage["mock"]) {
  const { addTarget } = await service.ask<{ addTarget: { target: { id: string } } }>(
    "mutation ($input: AddTargetInput!) { addTarget(input: $input) { target { id } } }",
    { input: { plugin: "mock", name: "MDM", settings: mock } },
  );
  const { addToken } = await service.ask<{ addToken: { token: { id: string } } }>(
    'mutation ($file: String!) { addToken(input: { file: $file, name: "Soak" }) { token { id } } }',
    { file: simulator.tokenFile },
  );
  const target = addTarget.target.id;
  await service.ask("mutation ($target: ID!) { importHolders(input: { target: $target }) { target { id } } }", {
    target,
  });
  return { target, token: addToken.token.id };
}

async function act(stage: Stage, chance: Chance): Promise<string> {
  const action = chance.weighted(ACTIONS);
  const pauseMs = chance.one([0, chance.between(5, 100), chance.between(100, 500)]);
  const told = await perform(action, stage, chance);
  await sleep(pauseMs);
  return told;
}

async function perform(action: Action, stage: Stage, chance: Chance): Promise<string> {
  const outcome = await action.run(stage, chance);
  return `${action.name}${outcome === "" ? "" : ` (${outcome})`}`;
}

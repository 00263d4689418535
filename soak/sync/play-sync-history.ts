import { setTimeout as sleep } from "node:timers/promises";
import { Chance } from "../chance.js";
import type { Cluster } from "../cluster.js";
import type { HistoryPlan, HistoryResult } from "../history.js";
import { atApple } from "./actions/at-apple.js";
import { atService, deploy } from "./actions/at-service.js";
import { disturbances } from "./actions/disturbances.js";
import { ending } from "./actions/ending.js";
import { checkLedger } from "./check-ledger.js";
import { compare } from "./compare.js";
import { setTheStage } from "./set-the-stage.js";
import { comeToRest, RestlessError, readEverything } from "./settle.js";
import type { Action, Stage } from "./stage.js";
import { weather } from "./weather.js";

/** Every history begins with so many deployments. */
const DEPLOYMENTS = 5;

/** A long history is judged in between, too, so that a fault is found near its cause. */
const ACTIONS_A_STRETCH = 500;

const ACTIONS: readonly Action[] = [...atApple, ...disturbances, ...atService];

/** Apple asks for no more of one list. */
const READS_AT_ONCE = 5;

/** Streams of chance of one history: its beginning, and one an action, so that each is chosen by the seed alone. */
const STREAMS = 1_000_000;

const FIGURES_SQL = `
  SELECT (SELECT count(*)::int FROM sync_run) AS "syncRuns", (SELECT count(*)::int FROM apple_operation) AS operations,
         (SELECT count(*)::int FROM license) AS licenses, (SELECT count(*)::int FROM installation) AS installations,
         (SELECT count(*)::int FROM license WHERE 'EXTERNAL' IN (start_cause, end_cause)) AS external`;

/**
 * Plays one history on a database and an Apple of its own, to its rest, and compares the two row by row. Remarks are rows that
 * differed still after a delta: a full read has the last word.
 */
export async function playSyncHistory(cluster: Cluster, plan: HistoryPlan): Promise<HistoryResult> {
  const streams = plan.index * STREAMS;
  const chance = new Chance(plan.seed, streams);
  const log: string[] = [];
  const remarks: string[] = [];
  const stage = await setTheStage(cluster, plan, chance);
  try {
    const faults = await playAndJudge(stage, plan, chance, log, remarks);
    const [done] = await stage.ours.rows<Record<string, number>>(FIGURES_SQL);
    const restarts = log.filter((line) => line.startsWith(ending.name)).length;
    const figures = { [plan.killed ? "kills" : "restarts"]: restarts, requests: stage.transactions.requests, ...done };
    return { index: plan.index, log, faults, remarks, figures };
  } finally {
    await stage.clear();
  }
}

async function playAndJudge(
  stage: Stage,
  plan: HistoryPlan,
  chance: Chance,
  log: string[],
  remarks: string[],
): Promise<readonly string[]> {
  try {
    await comeToRest(stage);
    for (let count = 1; count <= DEPLOYMENTS; count += 1) log.push(await perform(deploy, stage, chance));
    for (let number = 1; number <= plan.actions; number += 1) {
      const ofAction = new Chance(plan.seed, plan.index * STREAMS + number);
      log.push(await act(stage, plan, ofAction));
      if (number % ACTIONS_A_STRETCH > 0 || number === plan.actions) continue;
      const faults = await judge(stage, remarks);
      if (faults.length > 0) return faults;
      plan.onProgress?.(`right after ${number} actions`);
      await stage.control("/switches", weather(ofAction));
    }
    return await judge(stage, remarks);
  } catch (error) {
    if (!(error instanceof RestlessError)) throw error;
    return [error.message, ...stage.transactions.faults];
  }
}

/** Lets everything come to rest first. */
async function judge(stage: Stage, remarks: string[]): Promise<readonly string[]> {
  await comeToRest(stage);
  for (const row of await differences(stage)) remarks.push(`not seen by the delta: ${row}`);
  await readEverything(stage);
  const { crashes } = stage.service;
  const reads = stage.simulator.world.readsAtOnce.most;
  return [
    ...(await differences(stage)),
    ...(await checkLedger(stage)),
    ...stage.transactions.faults,
    ...(reads <= READS_AT_ONCE ? [] : [`${reads} pages of one list were read at once`]),
    ...(crashes === 0 ? [] : [`the service has ended by itself ${crashes} times`]),
  ];
}

async function differences({ tokens, ours }: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const { apple } of tokens) {
    const { uId, name } = apple.location.identity;
    for (const row of await compare(uId, await apple.readAll(), ours)) found.push(`${name}: ${row}`);
  }
  return found;
}

async function act(stage: Stage, { restarts }: HistoryPlan, chance: Chance): Promise<string> {
  const action = chance.happens(restarts / 100) ? ending : chance.weighted(ACTIONS);
  const pauseMs = chance.one([0, chance.between(5, 100), chance.between(100, 500)]);
  const told = await perform(action, stage, chance);
  await sleep(pauseMs);
  return told;
}

async function perform(action: Omit<Action, "weight">, stage: Stage, chance: Chance): Promise<string> {
  const outcome = await action.run(stage, chance);
  return `${action.name}${outcome === "" ? "" : ` (${outcome})`}`;
}

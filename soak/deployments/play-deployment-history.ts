import { type Command, tell } from "../../test/model/command.js";
import { beginningOf, commandsOf } from "../../test/model/generate.js";
import { judge } from "../../test/model/judge.js";
import { Chance } from "../chance.js";
import type { Cluster } from "../cluster.js";
import type { HistoryPlan, HistoryResult } from "../history.js";
import { look } from "./look.js";
import { perform } from "./perform.js";
import { RestlessError } from "./restless-error.js";
import type { Staff } from "./service.js";
import { setTheStage } from "./set-the-stage.js";
import { settle } from "./settle.js";
import { shorten } from "./shorten.js";
import type { Stage } from "./stage.js";

/** Of so many histories one has a worker that is killed, and one is played by two services at once. */
const STAFF_EVERY = 8;
const TURN_OF_TWO = 3;

/** How often a history is played again, at most, to find a short one. */
const PLAYS = 40;

/** Streams of chance of one history: its beginning, its weather, its commands. */
const STREAMS = 3;

/** Plays one history of deployments, and compares Apple, the MDM and the service with the reference model. */
export async function playDeploymentHistory(cluster: Cluster, plan: HistoryPlan): Promise<HistoryResult> {
  const staff = staffOf(plan);
  const kills = staff === "killable";
  const commands = commandsOf(chanceOf(plan, 2), beginning(plan), { count: plan.actions, kills });
  const result = await playCommands(cluster, plan, commands, staff);
  if (result.faults.length === 0 || !plan.shorten) return result;
  const isWrong = async (part: readonly Command[]) =>
    (await playCommands(cluster, plan, part, staff)).faults.length > 0;
  const short = await shorten(commands, isWrong, PLAYS);
  return { ...result, remarks: [`As wrong with less: ${short.map(tell).join("; ")}`] };
}

function staffOf({ index, killed }: HistoryPlan): Staff {
  const turn = index % STAFF_EVERY;
  if (turn === TURN_OF_TWO) return "two";
  return killed && turn === STAFF_EVERY - 1 ? "killable" : "one";
}

/** Plays these commands, whichever they are, on the beginning and in the weather that the plan's seed chooses. */
async function playCommands(
  cluster: Cluster,
  plan: HistoryPlan,
  commands: readonly Command[],
  staff: Staff,
): Promise<HistoryResult> {
  const seed = plan.seed + plan.index;
  const stage = await setTheStage(cluster, { seed, beginning: beginning(plan), chance: chanceOf(plan, 1), staff });
  const log: string[] = [];
  try {
    const faults = await playAndJudge(stage, commands, log);
    const figures = {
      kills: stage.service.worker?.kills ?? 0,
      requests: stage.transactions.requests,
      notifications: stage.simulator.world.locations[0]?.notifier.counts.delivered ?? 0,
      orders: stage.product.orders.length,
    };
    return { index: plan.index, log, faults, remarks: [], figures };
  } finally {
    await stage.clear();
  }
}

async function playAndJudge(stage: Stage, commands: readonly Command[], log: string[]): Promise<string[]> {
  try {
    for (const command of [...commands, { what: "rest" } as const]) {
      const refusal = stage.world.refuses(command);
      const outcome = await perform(stage, command);
      if (outcome === "left out") continue;
      log.push(outcome === "done" ? tell(command) : `${tell(command)}: ${outcome}`);
      const faults = command.what === "rest" ? await settleAndJudge(stage) : judgeOutcome(outcome, refusal, command);
      if (faults.length > 0) return [...faults, ...stage.watch.faults, ...stage.transactions.faults];
    }
    return [];
  } catch (error) {
    if (!(error instanceof RestlessError)) throw error;
    return [error.message, ...stage.watch.faults, ...stage.transactions.faults];
  }
}

async function settleAndJudge(stage: Stage): Promise<string[]> {
  await settle(stage);
  if (stage.product.listing === "complete") stage.world.apply({ what: "list", how: "complete" }, true);
  return [...judge(stage.world, await look(stage)), ...stage.watch.faults, ...stage.transactions.faults];
}

function judgeOutcome(outcome: string, refusal: "always" | "perhaps" | "never", command: Command): string[] {
  if (outcome !== "done" && refusal === "never") return [`${tell(command)} was refused with ${outcome}`];
  return outcome === "done" && refusal === "always" ? [`${tell(command)} was not refused`] : [];
}

function beginning(plan: HistoryPlan) {
  return beginningOf(chanceOf(plan, 0));
}

function chanceOf({ seed, index }: HistoryPlan, stream: number): Chance {
  return new Chance(seed, index * STREAMS + stream);
}

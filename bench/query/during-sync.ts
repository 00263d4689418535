import { readFile } from "node:fs/promises";
import { say } from "../support/say.js";
import type { Compared } from "./compare.js";
import { type Loaded, load } from "./load.js";
import type { Costs } from "./measure-rounds.js";
import { ask, type Peer } from "./peers/peer.js";
import { round } from "./round.js";
import type { Scene } from "./scene.js";

/** Each question's turn. */
const SECONDS = 2;

const ADD_TOKEN = `mutation ($file: String!) {
  addToken(input: { file: $file, name: "Bench" }) { token { id } }
}`;

/**
 * Adds a token, and puts the questions by turns while a worker, a process of its own, reads it for the first time at Apple's
 * pace and writes it beside the million.
 * @param idle what each question costs when nothing else runs.
 * @returns by question, the 99th percentile of its slowest turn by that of the idle service.
 * @throws Error if the synchronisation fails, or is over before each question had a turn.
 */
export async function measureDuringSync(
  { session, adminKey, startWorker }: Scene,
  ours: Peer,
  tokenFile: string,
  compared: readonly Compared[],
  idle: Costs,
): Promise<Record<string, number>> {
  const worker = await startWorker();
  try {
    const admin = { ...ours, authorization: `Bearer ${adminKey}` };
    await ask(admin, JSON.stringify({ query: ADD_TOKEN, variables: { file: await readFile(tokenFile, "utf8") } }));
    const slowest: Record<string, number> = {};
    for (;;) {
      for (const { operation, loads } of compared) {
        const { name } = operation;
        const { p99Ms } = await load(loads.find(({ peer }) => peer === ours) as Loaded, SECONDS);
        const { state, phase, rows } = await newestRun(session);
        const times = round(p99Ms / (idle.get(name)?.get("ours")?.p99Ms ?? Number.NaN));
        say(`  ${name}: p99 ${p99Ms.toFixed(1)} ms, ${times.toFixed(2)} times idle; ${phase ?? state}, ${rows} rows`);
        slowest[name] = Math.max(slowest[name] ?? 0, times);
        if (state === "SUCCEEDED") return complete(slowest, compared);
      }
    }
  } finally {
    await worker.stop();
  }
}

/** A question without a figure would pass for one that is fast enough. */
function complete(slowest: Record<string, number>, compared: readonly Compared[]): Record<string, number> {
  const missing = compared.map(({ operation }) => operation.name).filter((name) => slowest[name] === undefined);
  if (missing.length === 0) return slowest;
  throw new Error(`The synchronisation was over before these were asked beside it: ${missing.join(", ")}`);
}

interface Run {
  readonly state: string;
  readonly phase: string | null;
  readonly rows: number;
}

async function newestRun(session: Scene["session"]): Promise<Run> {
  const { rows } = await session.query<Run>(
    "SELECT state, phase, rows_added AS rows FROM sync_run ORDER BY started_at DESC, id DESC LIMIT 1",
  );
  const [run] = rows;
  if (!run || !["QUEUED", "RUNNING", "SUCCEEDED"].includes(run.state)) {
    throw new Error(`The synchronisation did not succeed: ${JSON.stringify(run)}`);
  }
  return run;
}

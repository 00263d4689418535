import { spawn } from "node:child_process";
import { once } from "node:events";
import { isRestless } from "../deployments/restless-error.js";

/** Where histories are played, and which. */
export interface Playground {
  /** A copy of the repository. */
  readonly directory: string;
  readonly seed: string;
  /** Histories at the same time. */
  readonly parallel: string;
}

export interface WrongHistory {
  readonly history: number;
  readonly faults: readonly string[];
}

/** How often one that has only run out of time is played again. */
const REPLAYS = 2;

/** Plays so many histories, from the first on, until one is wrong for sure; null when none is. */
export async function findWrong(ground: Playground, first: number, count: number): Promise<WrongHistory | null> {
  for (let next = first; next < first + count; ) {
    const wrong = await play(ground, next, first + count - next);
    if (wrong.length === 0) return null;
    for (const one of wrong) {
      const sure = await makeSure(ground, one);
      if (sure) return sure;
    }
    next = Math.max(...wrong.map(({ history }) => history)) + 1;
  }
  return null;
}

/** A busy machine may be why a history runs out of time. One that shows nothing else has to do so each time it is played. */
async function makeSure(ground: Playground, wrong: WrongHistory): Promise<WrongHistory | null> {
  let seen = wrong;
  for (let replay = 1; replay <= REPLAYS && seen.faults.every(isRestless); replay += 1) {
    const [again] = await play(ground, wrong.history, 1);
    if (!again) return null;
    seen = again;
  }
  return seen;
}

/** Plays until one is wrong, and those to their end that were begun by then. */
async function play({ directory, seed, parallel }: Playground, first: number, count: number): Promise<WrongHistory[]> {
  const words = ["--kind", "deployments", "--until-wrong", "--seed", seed, "--parallel", parallel];
  words.push("--first", String(first), "--histories", String(count));
  const child = spawn(process.execPath, ["--import", "tsx", "soak/main.ts", ...words], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, "close");
  const wrong = readWrong(output);
  if (child.exitCode !== 0 && wrong.length === 0) throw new Error(`The histories could not be played:\n${output}`);
  return wrong;
}

/** The wrong histories that the soak has told of, with all that is wrong with each. */
export function readWrong(output: string): WrongHistory[] {
  const told = output.matchAll(/^history (\d+): WRONG.*\n((?: {2}.*\n)+?) {2}It went like this:$/gm);
  return [...told].map(([, history, faults = ""]) => ({
    history: Number(history),
    faults: faults
      .trimEnd()
      .split("\n")
      .map((line) => line.trim()),
  }));
}

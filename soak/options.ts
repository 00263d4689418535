import { parseArgs } from "node:util";

export interface Options {
  readonly histories: number;
  readonly seed: number;
  /** The index of the first history. */
  readonly first: number;
  /** Things that happen in one history. */
  readonly actions: number;
  /** Histories at the same time. */
  readonly parallel: number;
  /** Whether the log of histories that end right is shown, too. */
  readonly log: boolean;
}

const USAGE =
  "npm run soak -- [--histories 20] [--seed 1] [--first 0] [--actions 50] [--parallel 2] [--log]\n" +
  "Exits with 1 if any history ends wrong.";

/** The command line made no sense; the message says what and how it is used. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/** @throws OptionsError. */
export function readOptions(words: readonly string[]): Options {
  const values = parse(words);
  const number = (name: "histories" | "seed" | "first" | "actions" | "parallel", usual: number, least: number) => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= least) return value;
    throw new OptionsError(`--${name} must be a whole number from ${least}.\n${USAGE}`);
  };
  return {
    histories: number("histories", 20, 1),
    seed: number("seed", 1, 0),
    first: number("first", 0, 0),
    actions: number("actions", 50, 1),
    parallel: number("parallel", 2, 1),
    log: values.log ?? false,
  };
}

function parse(words: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...words],
      options: { histories: text, seed: text, first: text, actions: text, parallel: text, log: { type: "boolean" } },
    }).values;
  } catch (error) {
    throw new OptionsError(`${(error as Error).message}\n${USAGE}`);
  }
}

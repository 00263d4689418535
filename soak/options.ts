import { parseArgs } from "node:util";
import type { HistoryPlan } from "./history.js";
import { KINDS, type Kind } from "./kinds.js";

export interface Options extends Omit<HistoryPlan, "index" | "onProgress"> {
  readonly kind: Kind;
  readonly histories: number;
  /** The index of the first history. */
  readonly first: number;
  /** Histories at the same time. */
  readonly parallel: number;
  /** Whether no history is begun any more once one has ended wrong. */
  readonly untilWrong: boolean;
  /** Whether the log of histories that end right is shown, too. */
  readonly log: boolean;
}

const USAGE = `npm run soak -- [--kind ${Object.keys(KINDS).join("|")}] [--histories n] [--seed 1] [--first 0] [--actions n]
                 [--restarts 5] [--in-order] [--parallel 2] [--log] [--until-wrong] [--shorten]
--histories 500 of deployments, 20 of sync
--actions   what happens in one history: 16 of deployments, 50 of sync
--restarts  of a hundred actions, so many kill the service
--in-order  the service ends in order instead, in this process: faster
--until-wrong  ends with the first history that is wrong
--shorten   looks for a short history that is wrong, too (deployments)
Exits with 1 if any history ends wrong.`;

/** The command line made no sense; the message says what and how it is used. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/** @throws OptionsError. */
export function readOptions(words: readonly string[]): Options {
  const values = parse(words);
  const number = (name: NumberName, usual: number, least: number, most = Number.MAX_SAFE_INTEGER) => {
    const value = Number(values[name] ?? usual);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw new OptionsError(`--${name} must be a whole number ${range}.\n${USAGE}`);
  };
  const kind = kindOf(values.kind);
  const usual = USUAL[kind];
  return {
    kind,
    histories: number("histories", usual.histories, 1),
    seed: number("seed", 1, 0),
    first: number("first", 0, 0),
    actions: number("actions", usual.actions, 1),
    restarts: number("restarts", 5, 0, 100),
    killed: values["in-order"] !== true,
    parallel: number("parallel", 2, 1),
    untilWrong: values["until-wrong"] ?? false,
    shorten: values.shorten ?? false,
    log: values.log ?? false,
  };
}

const USUAL: Readonly<Record<Kind, { histories: number; actions: number }>> = {
  deployments: { histories: 500, actions: 16 },
  sync: { histories: 20, actions: 50 },
};

type NumberName = "histories" | "seed" | "first" | "actions" | "restarts" | "parallel";

function kindOf(word = "deployments"): Kind {
  if (Object.hasOwn(KINDS, word)) return word as Kind;
  throw new OptionsError(`--kind must be one of ${Object.keys(KINDS).join(", ")}.\n${USAGE}`);
}

function parse(words: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const numbers = { histories: text, seed: text, first: text, actions: text, restarts: text, parallel: text };
  try {
    return parseArgs({
      args: [...words],
      options: { kind: text, ...numbers, "in-order": flag, log: flag, "until-wrong": flag, shorten: flag },
    }).values;
  } catch (error) {
    throw new OptionsError(`${(error as Error).message}\n${USAGE}`);
  }
}

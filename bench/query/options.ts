import { parseArgs } from "node:util";
import { wholeNumber } from "../support/whole-number.js";
import { type Sizes, SMALL, WHOLE } from "./data/sizes.js";
import { operations } from "./operations/index.js";
import type { Operation } from "./operations/operation.js";
import { PEERS, type PeerName } from "./peers/peer.js";

/** What is measured, and how long. */
export interface Options {
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly seconds: number;
  readonly operations: readonly Operation[];
  readonly peers: readonly PeerName[];
  /** Pages deep in the list, and queries beside a synchronisation: measured, unless parts are asked for. */
  readonly further: boolean;
  /** Where the service's CPU profiles go; none are made without. */
  readonly profile: string | undefined;
}

/** The options of `npm run bench:query`; the judgement's when left out. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "5" },
      operation: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      small: { type: "boolean", default: false },
      further: { type: "boolean" },
      profile: { type: "string" },
    },
  });
  return {
    sizes: values.small ? SMALL : WHOLE,
    rounds: wholeNumber("rounds", values.rounds, 1),
    seconds: wholeNumber("seconds", values.seconds, 1),
    operations: chosen("operation", operations, ({ name }) => name, values.operation),
    peers: chosen("peer", PEERS, (name) => name, values.peer),
    further: values.further ?? (values.operation === undefined && values.peer === undefined),
    profile: values.profile,
  };
}

/** All, or those that are named. @throws Error that tells the names. */
function chosen<Item>(
  option: string,
  all: readonly Item[],
  nameOf: (item: Item) => string,
  names: readonly string[] | undefined,
): readonly Item[] {
  const known = all.map(nameOf);
  for (const name of names ?? []) {
    if (!known.includes(name)) throw new Error(`--${option} must be one of ${known.join(", ")}, not "${name}".`);
  }
  return names ? all.filter((item) => names.includes(nameOf(item))) : all;
}

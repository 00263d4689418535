import { parseArgs } from "node:util";
import { wholeNumber } from "../support/whole-number.js";

/** How much is measured. */
export interface Options {
  readonly assignments: number;
  readonly apps: number;
}

/** A delta changes a few apps among others, and each needs enough holders to lose. */
export const LEAST_APPS = 20;
const LEAST_ASSIGNMENTS = 100_000;

/** `--assignments n --apps n`; the sizes of the judgement when left out. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      assignments: { type: "string", default: "1000000" },
      apps: { type: "string", default: "500" },
    },
  });
  return {
    assignments: wholeNumber("assignments", values.assignments, LEAST_ASSIGNMENTS),
    apps: wholeNumber("apps", values.apps, LEAST_APPS),
  };
}

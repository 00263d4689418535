import type { AppleSizes } from "../../support/processes.js";

/** How much the database holds. */
export interface Sizes {
  readonly licenses: number;
  readonly apps: number;
  readonly devices: number;
  readonly tokens: number;
  /** The apps that have a deployment, one each: those of the most licences. */
  readonly deployments: number;
}

/** The size of the judgement. */
export const WHOLE: Sizes = { licenses: 1_000_000, apps: 500, devices: 100_000, tokens: 10, deployments: 200 };

/** For a look while developing. */
export const SMALL: Sizes = { licenses: 100_000, apps: 100, devices: 10_000, tokens: 10, deployments: 40 };

/** With fewer, a token is read before each question had its turn. */
const LEAST_READ = 100_000;

/** What Apple has of a token that is read while questions are put: a quarter of the licences that are there already. */
export function readMeanwhile({ licenses, apps }: Sizes): AppleSizes {
  const assigned = Math.max(licenses / 4, LEAST_READ);
  // Not all of its apps are for devices: there must be more licences than are assigned.
  return { apps: apps / 5, licenses: assigned * 1.5, assigned, users: assigned / 100 };
}

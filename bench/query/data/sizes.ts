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

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Cluster, startCluster } from "../../soak/cluster.js";
import { playDeploymentHistory } from "../../soak/deployments/play-deployment-history.js";

/** The histories of one seed that are part of the tests; short ones. */
export interface TestedHistories {
  readonly seed: number;
  readonly indexes: readonly number[];
  /** Whether every eighth has a worker that is killed. */
  readonly killed: boolean;
}

const ACTIONS = 10;

/** Slow machines take their time: what is wrong ends a history by itself. */
const TIMEOUT_MS = 180_000;

/** One test a history: when it has settled, Apple, the MDM and the service agree with the model. */
export function playHistories(title: string, { seed, indexes, killed }: TestedHistories): void {
  describe(title, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster(inject("testServer").adminUrl);
    });
    afterAll(() => cluster.stop());

    it.each(indexes)("agree with the model after history %i", { timeout: TIMEOUT_MS }, async (index) => {
      const plan = { seed, index, actions: ACTIONS, restarts: 0, killed };
      const { faults, log } = await playDeploymentHistory(cluster, plan);
      expect(faults, log.join("\n")).toEqual([]);
    });
  });
}

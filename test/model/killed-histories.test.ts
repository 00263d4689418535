import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Cluster, startCluster } from "../../soak/cluster.js";
import { playDeploymentHistory } from "../../soak/deployments/play-deployment-history.js";

/** Every eighth history is one with a worker that is killed. */
const HISTORIES = Array.from({ length: 6 }, (_, turn) => 8 * turn + 7);

describe("Apple, the MDM and the service agree with the model", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(inject("testServer").adminUrl);
  });
  afterAll(() => cluster.stop());

  it.concurrent.each(HISTORIES)("after history %i, in which the worker is killed now and then", async (index) => {
    const { faults, log } = await playDeploymentHistory(cluster, {
      seed: 12,
      index,
      actions: 10,
      restarts: 0,
      killed: true,
    });
    expect(faults, log.join("\n")).toEqual([]);
  });
});

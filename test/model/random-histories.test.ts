import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Cluster, startCluster } from "../../soak/cluster.js";
import { playDeploymentHistory } from "../../soak/deployments/play-deployment-history.js";

const HISTORIES = Array.from({ length: 24 }, (_, index) => index);

describe("Apple, the MDM and the service agree with the model", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(inject("testServer").adminUrl);
  });
  afterAll(() => cluster.stop());

  it.concurrent.each(HISTORIES)("after history %i of purchases, wishes, losses and faults", async (index) => {
    const { faults, log } = await playDeploymentHistory(cluster, {
      seed: 11,
      index,
      actions: 10,
      restarts: 0,
      killed: false,
    });
    expect(faults, log.join("\n")).toEqual([]);
  });
});

import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { type Cluster, startCluster } from "../../../soak/cluster.js";
import { playSyncHistory } from "../../../soak/sync/play-sync-history.js";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster(inject("testServer").adminUrl);
});

afterAll(() => cluster.stop());

it.each([0, 1])("ends history %i with Apple's data and ours equal, row by row", { timeout: 120_000 }, async (index) => {
  const plan = { seed: 7, index, actions: 20, restarts: 5, killed: false };
  const { faults, log } = await playSyncHistory(cluster, plan);
  expect(faults, log.join("\n")).toEqual([]);
});

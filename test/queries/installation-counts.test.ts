import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { InstallationState as S } from "../../src/entities/installation.js";
import { countInstallations } from "../../src/queries/installation-counts.js";
import { createDeploymentWorld, type DeploymentWorld, insertMembers } from "../sync/deployments/deployment-world.js";

let world: DeploymentWorld;
beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

it("counts a deployment's installations from an index alone, without reading one of them", async () => {
  const { dataSource } = world.core;
  const deployments = [];
  for (let number = 1; number <= 20; number += 1) {
    const deployment = await world.deployment();
    for (const state of [S.INSTALLED, S.FAILED]) await insertMembers(world, deployment, state, 150);
    deployments.push(deployment);
  }
  await world.read("VACUUM ANALYZE installation");
  const query = vi.spyOn(dataSource, "query");
  const [counts] = await countInstallations(dataSource, [[deployments[7]?.tokenId ?? "", deployments[7]?.id ?? ""]]);
  const [text, values] = query.mock.lastCall ?? [];
  query.mockRestore();
  expect(counts).toMatchObject([
    { state: S.FAILED, count: 150, left: 0 },
    { state: S.INSTALLED, count: 150, left: 0 },
  ]);
  const lines = await dataSource.query<{ "QUERY PLAN": string }[]>(`EXPLAIN ${text}`, values);
  const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
  expect(plan).toMatch(/Index Only Scan using installation_of_deployment on installation/);
});

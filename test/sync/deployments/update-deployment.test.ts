import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Deployment, OnLeave } from "../../../src/entities/deployment.js";
import { updateDeployment } from "../../../src/sync/deployments/update-deployment.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

async function change(changes: Parameters<typeof updateDeployment>[3]): Promise<Deployment> {
  const { core } = world;
  const { tokenId, id } = await world.deployment();
  await core.dataSource.transaction((tx) => updateDeployment(tx, core, { tokenId, id }, changes));
  return core.dataSource.manager.findOneByOrFail(Deployment, { tokenId, id });
}

describe("a deployment's priority", () => {
  test.each([-1001, 1001])("is refused out of its bounds: %i, and nobody is woken", async (priority) => {
    await expect(change({ priority })).rejects.toMatchObject({ code: "INVALID_INPUT", details: { priority } });
    expect(await world.read("SELECT 1 FROM deployment WHERE priority <> 0")).toEqual([]);
    expect(await world.jobs("license-installations")).toEqual([]);
  });

  test.each([-1000, 1000])("may be at its bounds: %i, and what is not given stays", async (priority) => {
    expect(await change({ priority })).toMatchObject({ priority, onLeave: OnLeave.KEEP });
  });

  test("wakes the queue, and stays when only something else is changed", async () => {
    await change({ priority: 3 });
    expect(await world.jobs("license-installations")).toHaveLength(1);
    expect(await change({ onLeave: OnLeave.UNINSTALL })).toMatchObject({ priority: 0, onLeave: OnLeave.UNINSTALL });
  });
});

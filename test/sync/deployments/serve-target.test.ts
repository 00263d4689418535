import { afterEach, beforeEach, expect, test } from "vitest";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { serveTarget } from "../../../src/sync/deployments/serve-target.js";
import { addJob } from "../../../src/sync/jobs.js";
import { answering, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let installation: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  const deviceId = await world.device("AAA");
  const licenseId = await world.license(deviceId, "AAA");
  installation = await world.installation({ deploymentId: (await world.deployment()).id, deviceId, licenseId });
  world.connection.apply = answering((key) => ({ key, outcome: "done", observedAt: world.core.clock.now() }));
  await world.read("DELETE FROM graphile_worker._private_jobs");
});
afterEach(() => world.stop());

const addSteps = (at: Date | null) =>
  world.core.dataSource.transaction((tx) => addJob(tx, "apply-steps", { targetId: world.targetId }, at));
const inAnHour = () => new Date(Date.now() + 3_600_000);

test("what waits at a target behind a long reading is done between two pages", async () => {
  await addSteps(null);
  await serveTarget(world.core, world.targetId);
  expect(await world.seen(installation)).toMatchObject({ state: S.INSTALLED });
});

test.each([
  ["nothing waits", async () => undefined],
  ["what waits is for later", () => addSteps(inAnHour())],
  [
    "a worker is at it",
    async () => {
      await addSteps(null);
      await world.read("UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'another'");
    },
  ],
  [
    "a worker was killed at it, and another has done it since",
    async () => {
      await addSteps(null);
      await world.read("UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'killed'");
      await addSteps(null);
      await world.read("DELETE FROM graphile_worker._private_jobs WHERE locked_at IS NULL");
      await world.read("SELECT graphile_worker.force_unlock_workers(ARRAY['killed'])");
    },
  ],
])("nothing is done there where %s", async (_, prepare) => {
  await prepare();
  await serveTarget(world.core, world.targetId);
  expect(await world.seen(installation)).toMatchObject({ state: S.LICENSED });
});

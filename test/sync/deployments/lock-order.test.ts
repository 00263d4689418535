import { afterEach, beforeEach, expect, test } from "vitest";
import { DeploymentAction } from "../../../src/entities/deployment.js";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { row } from "../../../src/queries/sql.js";
import { applyStatuses } from "../../../src/sync/deployments/apply-statuses.js";
import { changeDeploymentAction } from "../../../src/sync/deployments/change-deployment-action.js";
import { lockDeployment } from "../../../src/sync/deployments/lock-deployment.js";
import { moveInstallations } from "../../../src/sync/deployments/move-installations.js";
import { pollSteps } from "../../../src/sync/deployments/poll-steps.js";
import { eventually } from "../../support/eventually.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let deploymentId: string;
let low: string;
let high: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  deploymentId = (await world.deployment()).id;
  // In the table and in the order of their handles, and so to a statement without an order, the higher one comes first.
  [high = "", low = ""] = [await installing("2", "AAA"), await installing("1", "BBB")];
  await world.read("ANALYZE installation");
});
afterEach(() => world.stop());

async function installing(id: string, serial: string): Promise<string> {
  const deviceId = await world.device(serial);
  return world.installation({ id, deploymentId, deviceId, state: S.INSTALLING, handle: `handle-${serial}` });
}

const inTransaction = <T>(work: Parameters<DeploymentWorld["core"]["dataSource"]["transaction"]>[1]) =>
  world.core.dataSource.transaction(work as never) as Promise<T>;

const seenOn = (serial: string) =>
  ({ handle: `handle-${serial}`, device: `device-${serial}`, state: "installing", observedAt: new Date() }) as const;

const WRITERS: Readonly<Record<string, () => Promise<unknown>>> = {
  "a batch of moves": () =>
    inTransaction((tx) =>
      moveInstallations(
        tx,
        world.core,
        [high, low].map((id) => ({ tokenId: world.tokenId, id, from: S.INSTALLING, generation: 1, to: S.INSTALLED })),
      ),
    ),
  "a flip": () =>
    inTransaction((tx) =>
      changeDeploymentAction(
        tx,
        world.core,
        { tokenId: world.tokenId, id: deploymentId },
        DeploymentAction.UNINSTALL,
        "admin",
      ),
    ),
  "what a target reports": () =>
    inTransaction((tx) =>
      applyStatuses(tx, world.core, world.targetId, { statuses: [seenOn("AAA"), seenOn("BBB")], followUps: [] }),
    ),
  "the plan of the next look": () => pollSteps(world.core, { targetId: world.targetId }),
};

test.each(Object.keys(WRITERS))("%s takes the lowest installation first, and none before it", async (name) => {
  const other = world.core.dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query("SELECT 1 FROM installation WHERE id = $1 FOR UPDATE", [low]);
  const writing = WRITERS[name]?.();
  await eventually(() =>
    row(
      world.core.dataSource,
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    ),
  );
  const free = await other.query("SELECT id FROM installation WHERE id = $1 FOR UPDATE SKIP LOCKED", [high]);
  await other.rollbackTransaction();
  await other.release();
  await writing;
  expect(free).toEqual([{ id: high }]);
});

test("a deployment that is locked holds up nobody who writes an installation of it, however often in one transaction", async () => {
  const key = { tokenId: world.tokenId, id: deploymentId };
  const move = { tokenId: world.tokenId, id: low, generation: 1 };
  const moved = await inTransaction<Set<string>>(async (tx) => {
    await lockDeployment(tx, key);
    return inTransaction(async (other) => {
      await other.query("SET LOCAL lock_timeout = '5s'");
      await moveInstallations(other, world.core, [{ ...move, from: S.INSTALLING, to: S.INSTALLED }]);
      return moveInstallations(other, world.core, [{ ...move, from: S.INSTALLED, to: S.REMOVING }]);
    });
  });
  expect([...moved]).toEqual([low]);
});

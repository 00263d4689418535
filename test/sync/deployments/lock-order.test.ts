import type { EntityManager } from "typeorm";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Deployment,
  DeploymentAction,
  DeploymentLicensing,
  DeploymentPurpose,
  OnLeave,
} from "../../../src/entities/deployment.js";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { row, rows } from "../../../src/queries/sql.js";
import { applyStatuses } from "../../../src/sync/deployments/apply-statuses.js";
import { changeDeploymentAction } from "../../../src/sync/deployments/change-deployment-action.js";
import { createDeployment } from "../../../src/sync/deployments/create-deployment.js";
import { deleteDeployment } from "../../../src/sync/deployments/delete-deployment.js";
import { lockDeployment } from "../../../src/sync/deployments/lock-deployment.js";
import { lockWishes } from "../../../src/sync/deployments/lock-wishes.js";
import { moveInstallations } from "../../../src/sync/deployments/move-installations.js";
import { pollSteps } from "../../../src/sync/deployments/poll-steps.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { addJob } from "../../../src/sync/jobs.js";
import { eventually } from "../../support/eventually.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let deployment: Deployment;
let low: string;
let high: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  deployment = await world.deployment();
  // In the table and in the order of their handles, and so to a statement without an order, the higher one comes first.
  [high = "", low = ""] = [await installing("2", "AAA"), await installing("1", "BBB")];
  await world.read("ANALYZE installation");
});
afterEach(() => world.stop());

async function installing(id: string, serial: string): Promise<string> {
  const deviceId = await world.device(serial);
  return world.installation({
    id,
    deploymentId: deployment.id,
    deviceId,
    state: S.INSTALLING,
    handle: `handle-${serial}`,
  });
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
    inTransaction((tx) => changeDeploymentAction(tx, world.core, deployment, DeploymentAction.UNINSTALL, "admin")),
  "a refresh of the members": () => refreshMembers(world.core, { collectionId: String(deployment.collectionId) }),
  "a deletion": () =>
    inTransaction((tx) => deleteDeployment(tx, world.core, deployment, { onLeave: null, actor: "admin" })),
  "what a target reports": () =>
    inTransaction((tx) =>
      applyStatuses(tx, world.core, world.targetId, { statuses: [seenOn("AAA"), seenOn("BBB")], followUps: [] }),
    ),
  "the plan of the next look": () => pollSteps(world.core, { targetId: world.targetId }),
};

/** Lets it write while another transaction does that work, until it waits for that. @returns what is free meanwhile. */
async function freeWhile(
  held: (other: EntityManager) => Promise<unknown>,
  write: () => Promise<unknown>,
  asked: string,
): Promise<unknown[]> {
  let writing: Promise<unknown> = Promise.resolve();
  const free = await inTransaction<unknown[]>(async (other) => {
    await held(other);
    writing = write();
    await eventually(() =>
      row(
        world.core.dataSource,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      ),
    );
    return rows(other, asked);
  });
  await writing;
  return free;
}

const holdLow = (other: EntityManager) => other.query("SELECT 1 FROM installation WHERE id = $1 FOR UPDATE", [low]);

test.each(Object.entries(WRITERS))("%s takes the lowest installation first, and none before it", async (_, write) => {
  const others = `SELECT id FROM installation WHERE id <> ${low} FOR UPDATE SKIP LOCKED`;
  expect(await freeWhile(holdLow, write, others)).toEqual([{ id: high }]);
});

test.each(["a refresh of the members", "a deletion"])(
  "%s adds no job before it has the installations",
  async (name) => {
    await world.read(
      "DELETE FROM collection_member WHERE device_id = (SELECT device_id FROM installation WHERE id = $1)",
      [high],
    );
    const places = ["advance-installations", "license-installations", "apply-steps", "release-orders"] as const;
    await inTransaction(async (tx) => {
      for (const place of places)
        await addJob(
          tx,
          place,
          place.endsWith("installations") ? { tokenId: world.tokenId } : { targetId: world.targetId },
        );
    });
    const jobs = "SELECT key FROM graphile_worker._private_jobs FOR UPDATE SKIP LOCKED";
    const all = await world.read(jobs);
    expect(await freeWhile(holdLow, () => WRITERS[name]?.() ?? Promise.reject(new Error(name)), jobs)).toEqual(all);
  },
);

test("a new deployment asks for the app's object only when it is its turn to want the app", async () => {
  const { tokenId, storeAppId, targetId } = world;
  const storeApp = { tokenId, id: storeAppId };
  const { id, collectionId } = await world.deployment();
  await world.read("DELETE FROM deployment WHERE id = $1", [id]);
  const wanted = {
    storeApp,
    collectionId: String(collectionId),
    targetId,
    action: DeploymentAction.INSTALL,
    purpose: DeploymentPurpose.REQUIRED,
    licensing: DeploymentLicensing.DEVICE,
    onLeave: OnLeave.KEEP,
    priority: 0,
  };
  const create = () => inTransaction((tx) => createDeployment(tx, world.core, wanted, "admin"));
  const free = await freeWhile(
    (other) => lockWishes(other, [storeApp]),
    create,
    "SELECT store_app_id FROM application FOR SHARE SKIP LOCKED",
  );
  expect(free).toEqual([{ store_app_id: storeAppId }]);
});

test("a deployment that is locked holds up nobody who writes an installation of it, however often in one transaction", async () => {
  const move = { tokenId: world.tokenId, id: low, generation: 1 };
  const moved = await inTransaction<Set<string>>(async (tx) => {
    await lockDeployment(tx, deployment);
    return inTransaction(async (other) => {
      await other.query("SET LOCAL lock_timeout = '5s'");
      await moveInstallations(other, world.core, [{ ...move, from: S.INSTALLING, to: S.INSTALLED }]);
      return moveInstallations(other, world.core, [{ ...move, from: S.INSTALLED, to: S.REMOVING }]);
    });
  });
  expect([...moved]).toEqual([low]);
});

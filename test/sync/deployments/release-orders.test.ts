import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Deployment, DeploymentAction, OnLeave } from "../../../src/entities/deployment.js";
import { InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import { PluginError, type Release, type Step } from "../../../src/plugins/contract.js";
import { RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../../src/queries/release-due-sql.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { deleteDeployment } from "../../../src/sync/deployments/delete-deployment.js";
import { expireWaits } from "../../../src/sync/deployments/expire-waits.js";
import { releaseOrders } from "../../../src/sync/deployments/release-orders.js";
import { checkTarget, recordCheck } from "../../../src/sync/targets/check-target.js";
import { removeTarget } from "../../../src/sync/targets/remove-target.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { createDeploymentWorld, type DeploymentWorld, insertMembers } from "./deployment-world.js";

/** What deployments have set up at a product that owns its tokens, and what becomes of it when they end. */

let world: DeploymentWorld;
let told: Step[];
let released: Release[];
beforeEach(async () => {
  world = await createDeploymentWorld("target");
  told = [];
  released = [];
  world.connection.apply = async (steps) => {
    told.push(...steps);
    return steps.map(({ key }) => ({ key, outcome: "accepted", handle: `handle of ${key}` }));
  };
  world.connection.release = async (release) => void released.push(release);
});
afterEach(() => world.stop());

const apply = () => applySteps(world.core, { targetId: world.targetId });
const release = () => releaseOrders(world.core, { targetId: world.targetId });
/** So much time passes at the product that devices which were told alone are known there by themselves. */
const anHourPasses = () =>
  world.read(
    "UPDATE standing_order SET handed_over_at = handed_over_at - interval '1 hour', next_attempt_at = next_attempt_at - interval '1 hour'",
  );
const alerts = () =>
  world.read<{ message: string }>("SELECT message FROM alert WHERE kind = 'RELEASE_FAILED' AND cleared_at IS NULL");

/** A deployment to a collection of the product's own. */
async function deployment(externalId = "group-1"): Promise<Deployment> {
  const made = await world.deployment();
  await world.read("UPDATE collection SET target_id = $2, external_id = $3, name = 'Pilots' WHERE id = $1", [
    made.collectionId,
    world.targetId,
    externalId,
  ]);
  return made;
}

async function installed({ id }: Deployment, serial: string, state = S.LICENSED): Promise<string> {
  return world.installation({ deploymentId: id, deviceId: await world.device(serial), state });
}

async function become(id: string, state: S): Promise<void> {
  await world.read("UPDATE installation SET state = $2 WHERE id = $1", [id, state]);
}

function remove({ tokenId, id }: Deployment, onLeave: OnLeave): Promise<unknown> {
  return world.core.dataSource.transaction((tx) =>
    deleteDeployment(tx, world.core, { tokenId, id }, { onLeave, actor: "test" }),
  );
}

/** A deleted deployment of which nothing is left but what it has set up at the product. */
async function overButStanding(): Promise<Deployment> {
  const gone = await deployment();
  const id = await installed(gone, "AAA");
  await apply();
  await become(id, S.REMOVED);
  await remove(gone, OnLeave.KEEP);
  return gone;
}

const WHOLE = { externalId: "group-1", name: "Pilots" };

describe("a deployment that was deleted and keeps its apps", () => {
  test("has its devices told alone, then its collection released, once", async () => {
    const gone = await deployment();
    const ids = [await installed(gone, "AAA"), await installed(gone, "BBB")];
    await apply();
    for (const id of ids) await become(id, S.INSTALLED);
    await remove(gone, OnLeave.KEEP);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await release();
    expect(told.slice(2)).toMatchObject([
      { action: "install", collection: null, device: { serial: "AAA" } },
      { action: "install", collection: null, device: { serial: "BBB" } },
    ]);
    await anHourPasses();
    await release();
    await release();
    expect(released).toMatchObject([{ collection: WHOLE, app: { adamId: "361309726" }, others: [] }]);
  });

  test("lets an install that is under way go on by the handle that its device was given alone", async () => {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    expect((await world.seen(id)).state).toBe(S.INSTALLING);
    await remove(gone, OnLeave.KEEP);
    await release();
    expect(await world.seen(id)).toMatchObject({
      state: S.INSTALLING,
      handle: expect.stringMatching(/^handle of .*:alone$/),
    });
    await anHourPasses();
    await release();
    expect(released).toHaveLength(1);
  });

  test("keeps its collection, and an alert says why, while a device cannot be told alone", async () => {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    await become(id, S.INSTALLED);
    await remove(gone, OnLeave.KEEP);
    const failure = { code: "NOT_SUPPORTED", detail: "The device is in no directory." } as const;
    world.connection.apply = async (steps) => steps.map(({ key }) => ({ key, outcome: "failed", failure }));
    await release();
    expect(released).toEqual([]);
    expect(await alerts()).toMatchObject([
      { message: expect.stringMatching(/"Pilots".*The device is in no directory/) },
    ]);
    expect(await world.jobs("release-orders")).toHaveLength(2);

    await remove(gone, OnLeave.UNINSTALL);
    await become(id, S.REMOVED);
    await release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE, null]);
    expect(await alerts()).toEqual([]);
  });

  test("is removed from each device alone when it is deleted once more, since who has joined meanwhile may have the app", async () => {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    await become(id, S.INSTALLED);
    await remove(gone, OnLeave.KEEP);
    await release();
    await anHourPasses();
    await release();
    await remove(gone, OnLeave.UNINSTALL);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
    expect(await world.read("SELECT FROM standing_order WHERE collection <> ''")).toEqual([]);
  });

  test("does not have a device told to keep the app from which another deployment removes it", async () => {
    const [gone, other] = [await deployment(), await deployment("group-2")];
    const id = await installed(gone, "AAA");
    await apply();
    await become(id, S.INSTALLED);
    const { deviceId } = await world.seen(id);
    await world.installation({ deploymentId: other.id, deviceId, state: S.REMOVING, want: InstallationWant.ABSENT });
    await remove(gone, OnLeave.KEEP);
    await release();
    expect(told).toHaveLength(1);
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
  });

  test("has nobody removed by its collection: a device that had not been told leaves alone", async () => {
    const gone = await deployment();
    const kept = await installed(gone, "AAA");
    await apply();
    await become(kept, S.INSTALLED);
    await installed(gone, "BBB");
    await remove(gone, OnLeave.KEEP);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "BBB" } });
  });
});

describe("a collection whose devices were told alone", () => {
  async function handedOver(): Promise<{ gone: Deployment; id: string }> {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    await become(id, S.INSTALLED);
    await remove(gone, OnLeave.KEEP);
    await release();
    expect(told.at(-1)).toMatchObject({ action: "install", collection: null, device: { serial: "AAA" } });
    return { gone, id };
  }

  test("stays for an hour, also when everything is looked at earlier, so that they are known by themselves", async () => {
    await handedOver();
    const waits = await world.read<{ ms: number }>(
      `SELECT extract(epoch FROM run_at - handed_over_at)::float8 * 1000 AS ms FROM standing_order, graphile_worker.jobs
       WHERE collection <> '' AND task_identifier = 'release-orders' ORDER BY run_at`,
    );
    expect(waits.at(-1)).toEqual({ ms: world.core.clock.scaled(3_600_000) });
    await world.read("UPDATE standing_order SET next_attempt_at = NULL");
    await release();
    expect(released).toEqual([]);
    await anHourPasses();
    await release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
  });

  test("is released at once when none of them keeps the app any more, which is removed from each alone", async () => {
    const { gone, id } = await handedOver();
    await remove(gone, OnLeave.UNINSTALL);
    expect((await world.seen(id)).state).toBe(S.REMOVING);
    await release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
  });

  test("has its app removed from each alone also before it is released", async () => {
    const { gone } = await handedOver();
    await remove(gone, OnLeave.UNINSTALL);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
  });

  test("has that hour anew when another deployment has addressed it meanwhile", async () => {
    const { gone } = await handedOver();
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, gone.collectionId]);
    await installed(next, "BBB");
    await apply();
    expect(await world.read("SELECT FROM standing_order WHERE handed_over_at IS NOT NULL")).toEqual([]);
  });

  test("keeps its target, and the refusal says for how long", async () => {
    await handedOver();
    const removal = world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, world.targetId));
    await expect(removal).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("in an hour") });
  });
});

describe("a collection", () => {
  test("is not released before the last removal of its deployment is over, and then also by the sweep", async () => {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    await remove(gone, OnLeave.UNINSTALL);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: WHOLE });
    await release();
    await become(id, S.REMOVAL_FAILED);
    await release();
    expect(released).toEqual([]);
    await become(id, S.REMOVED);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await world.read("UPDATE standing_order SET given_at = given_at - interval '1 hour'");
    await sweep(world.core);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    expect(await world.read("SELECT FROM standing_order")).toEqual([]);
  });

  test("that one silent device keeps from its release is told of in an alert after a day, until the removal is confirmed", async () => {
    const gone = await deployment();
    const id = await installed(gone, "AAA");
    await apply();
    await remove(gone, OnLeave.UNINSTALL);
    await apply();
    await release();
    expect(await alerts()).toEqual([]);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await world.read("UPDATE deployment SET deleted_at = deleted_at - interval '1 day'");
    await world.read(
      "UPDATE installation SET left_at = left_at - interval '1 day', deadline_at = now() - interval '1 hour'",
    );
    await expireWaits(world.core);
    expect((await world.seen(id)).state).toBe(S.REMOVAL_FAILED);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await release();
    expect(await alerts()).toMatchObject([
      { message: expect.stringMatching(/whoever joins the collection "Pilots".*REMOVAL_FAILED/) },
    ]);
    await become(id, S.REMOVED);
    await release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    expect(await alerts()).toEqual([]);
  });

  test("stays while another deployment of the app to it lives, and a removal of the first is told alone", async () => {
    const gone = await deployment();
    await installed(gone, "AAA");
    await apply();
    await remove(gone, OnLeave.UNINSTALL);
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, gone.collectionId]);
    await apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null });
    await world.read("UPDATE installation SET state = 'REMOVED'");
    await release();
    expect(released).toEqual([]);
  });

  test("is told which others the app still stands for", async () => {
    const [gone, stays] = [await deployment("user:g"), await deployment("device:g")];
    await installed(gone, "AAA");
    await installed(stays, "BBB");
    await apply();
    await world.read("UPDATE installation SET state = 'CANCELLED' WHERE deployment_id = $1", [gone.id]);
    await remove(gone, OnLeave.KEEP);
    await release();
    expect(released).toMatchObject([
      { collection: { externalId: "user:g" }, others: [{ externalId: "device:g", name: "Pilots" }] },
    ]);
  });
});

test("of two collections whose turn comes at once the first is told of the other, and the last of none", async () => {
  const both = [await deployment("user:g"), await deployment("device:g")];
  for (const [index, one] of both.entries()) await installed(one, `A${index}`);
  await apply();
  await world.read("UPDATE installation SET state = 'REMOVED'");
  for (const one of both) await remove(one, OnLeave.KEEP);
  await release();
  expect(released.map(({ collection, others }) => [collection?.externalId, others.length])).toEqual([
    ["user:g", 1],
    ["device:g", 0],
  ]);
});

test("what is over is not looked through: of deleted deployments, the installations that count are found by their states", async () => {
  await insertMembers(world, await deployment(), S.REMOVED, 3_000);
  for (let other = 2; other <= 21; other += 1) {
    const standing = await deployment(`group-${other}`);
    for (const state of [S.INSTALLED, S.REMOVING]) await insertMembers(world, standing, state, 150);
  }
  await world.read("ANALYZE installation");
  const lines = await world.read<Record<string, string>>(
    `EXPLAIN SELECT FROM ${STANDING_ORDERS_SQL} WHERE ${RELEASE_DUE_SQL}`,
  );
  const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
  expect(plan.match(/ on installation i/g)).toHaveLength(2);
  expect(plan.match(/Index Cond: .*deployment_id = d.id.*state = ANY/g)).toHaveLength(2);
});

describe("a release that fails", () => {
  test("is tried again later each time, told of after the third, and over when it succeeds", async () => {
    await overButStanding();
    world.connection.release = async () => {
      throw new PluginError("internal", "Not now.");
    };
    const pauses: number[] = [];
    for (let time = 1; time <= 3; time += 1) {
      expect(await alerts()).toEqual([]);
      await world.read("UPDATE target SET paused_until = NULL, opened_at = NULL, tried_until = NULL, failures = 0");
      await world.read("UPDATE standing_order SET next_attempt_at = NULL");
      await release();
      const [order] = await world.read<{ pause: number }>(
        "SELECT extract(epoch FROM next_attempt_at - $1)::float8 AS pause FROM standing_order WHERE attempts > 0",
        [world.core.clock.now()],
      );
      pauses.push(order?.pause ?? 0);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(await alerts()).toMatchObject([{ message: expect.stringContaining("Not now.") }]);
    await world.read("UPDATE target SET paused_until = NULL, opened_at = NULL, tried_until = NULL, failures = 0");
    await world.read("UPDATE standing_order SET next_attempt_at = NULL");
    world.connection.release = async (release) => void released.push(release);
    await release();
    expect(released).toHaveLength(1);
    expect(await alerts()).toEqual([]);
  });

  test("keeps no other from its turn when it is a no", async () => {
    const [bad, good] = [await deployment("group-1"), await deployment("group-2")];
    const ids = [await installed(bad, "AAA"), await installed(good, "BBB")];
    await apply();
    for (const id of ids) await become(id, S.REMOVED);
    for (const one of [bad, good]) await remove(one, OnLeave.KEEP);
    world.connection.release = async (release) => {
      if (release.collection?.externalId === "group-1") throw new PluginError("rejected", "No.");
      released.push(release);
    };
    await release();
    expect(released.map(({ collection }) => collection?.externalId ?? null)).toEqual(["group-2"]);
    expect(await alerts()).toHaveLength(1);
  });

  test("is tried again at once after a check of the target", async () => {
    await overButStanding();
    world.connection.release = async () => {
      throw new PluginError("rejected", "No.");
    };
    await release();
    world.connection.release = async (release) => void released.push(release);
    await release();
    expect(released).toEqual([]);
    const check = await checkTarget(world.core, world.targetId);
    await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, world.targetId, check));
    await release();
    expect(released).toHaveLength(1);
    expect(await alerts()).toEqual([]);
  });

  test("is forgotten when the app stands there anew", async () => {
    const first = await overButStanding();
    world.connection.release = async () => {
      throw new PluginError("rejected", "No.");
    };
    await release();
    expect(await alerts()).toHaveLength(1);
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, first.collectionId]);
    await installed(next, "BBB");
    await apply();
    await release();
    expect(await alerts()).toEqual([]);
  });
});

test("a target is not removed while something is about to be ended there, but it is when that cannot be done", async () => {
  await overButStanding();
  const removal = () => world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, world.targetId));
  await expect(removal()).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("try again") });
  expect(await world.read("SELECT FROM target")).toHaveLength(1);
  await world.read("UPDATE standing_order SET attempts = 3");
  await removal();
  expect(await world.read("SELECT FROM target")).toEqual([]);
});

test("a target whose calls all fail is removed without waiting for it", async () => {
  await overButStanding();
  await world.read("UPDATE target SET failures = 3, opened_at = now(), paused_until = now() + interval '1 hour'");
  await release();
  await world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, world.targetId));
  expect(await world.read("SELECT FROM target")).toEqual([]);
});

test("nothing is noted of a product that keeps nothing", async () => {
  const made = await deployment();
  await installed(made, "AAA");
  await world.core.targets.plugin(world.targetId).then((plugin) => {
    Object.assign(plugin.abilities, { releases: false });
  });
  delete world.connection.release;
  await apply();
  expect(await world.read("SELECT FROM standing_order")).toEqual([]);
});

test("a target whose plugin is not installed any more is told of as failing when steps wait for it", async () => {
  await installed(await deployment(), "AAA");
  (world.core.plugins as Map<string, unknown>).delete("scripted");
  await apply();
  expect(await world.read("SELECT message FROM alert WHERE kind = 'TARGET_FAILING'")).toMatchObject([
    { message: expect.stringContaining("is not installed") },
  ]);
});

test("a deployment that wants its app gone keeps that standing while it lives", async () => {
  const lives = await deployment();
  await world.read("UPDATE deployment SET action = $2 WHERE id = $1", [lives.id, DeploymentAction.UNINSTALL]);
  await installed(lives, "AAA", S.REMOVING);
  await apply();
  await world.read("UPDATE installation SET state = 'REMOVED'");
  await release();
  expect(released).toEqual([]);
});

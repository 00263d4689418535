import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Deployment, DeploymentAction, OnLeave } from "../../../src/entities/deployment.js";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { PluginError, type Release, type Step } from "../../../src/plugins/contract.js";
import { RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../../src/queries/release-due-sql.js";
import { expireWaits } from "../../../src/sync/deployments/expire-waits.js";
import { checkTarget, recordCheck } from "../../../src/sync/targets/check-target.js";
import { removeTarget } from "../../../src/sync/targets/remove-target.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { insertMembers } from "./deployment-world.js";
import { createReleaseWorld, type ReleaseWorld, WHOLE } from "./release-world.js";

/** What deployments have set up at a product that owns its tokens, and what becomes of it when they end. */

let world: ReleaseWorld;
let told: Step[];
let released: Release[];
beforeEach(async () => {
  world = await createReleaseWorld();
  ({ told, released } = world);
});
afterEach(() => world.stop());

/** A deleted deployment of which nothing is left but what it has set up at the product. */
async function overButStanding(): Promise<Deployment> {
  const gone = await world.native();
  const id = await world.installed(gone, "AAA");
  await world.apply();
  await world.become(id, S.REMOVED);
  await world.remove(gone, OnLeave.KEEP);
  return gone;
}

describe("a collection", () => {
  test("is not released before the last removal of its deployment is over, and then also by the sweep", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.remove(gone, OnLeave.UNINSTALL);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: WHOLE });
    await world.release();
    await world.become(id, S.REMOVAL_FAILED);
    await world.release();
    expect(released).toEqual([]);
    await world.become(id, S.REMOVED);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await world.read("UPDATE standing_order SET given_at = given_at - interval '1 hour'");
    await sweep(world.core);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await world.release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    expect(await world.read("SELECT FROM standing_order")).toEqual([]);
  });

  test("that one silent device keeps from its release is told of in an alert after a day, until the removal is confirmed", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.remove(gone, OnLeave.UNINSTALL);
    await world.apply();
    await world.release();
    expect(await world.alerts()).toEqual([]);
    await world.read("DELETE FROM graphile_worker._private_jobs");
    await world.read("UPDATE deployment SET deleted_at = deleted_at - interval '1 day'");
    await world.read(
      "UPDATE installation SET left_at = left_at - interval '1 day', deadline_at = now() - interval '1 hour'",
    );
    await expireWaits(world.core);
    expect((await world.seen(id)).state).toBe(S.REMOVAL_FAILED);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await world.release();
    expect(await world.alerts()).toMatchObject([
      { message: expect.stringMatching(/whoever joins the collection "Pilots".*REMOVAL_FAILED/) },
    ]);
    await world.become(id, S.REMOVED);
    await world.release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    expect(await world.alerts()).toEqual([]);
  });

  test("stays while another deployment of the app to it lives, and a removal of the first is told alone", async () => {
    const gone = await world.native();
    await world.installed(gone, "AAA");
    await world.apply();
    await world.remove(gone, OnLeave.UNINSTALL);
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, gone.collectionId]);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null });
    await world.read("UPDATE installation SET state = 'REMOVED'");
    await world.release();
    expect(released).toEqual([]);
  });

  test("is told which others the app still stands for", async () => {
    const [gone, stays] = [await world.native("user:g"), await world.native("device:g")];
    await world.installed(gone, "AAA");
    await world.installed(stays, "BBB");
    await world.apply();
    await world.read("UPDATE installation SET state = 'CANCELLED' WHERE deployment_id = $1", [gone.id]);
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
    expect(released).toMatchObject([
      { collection: { externalId: "user:g" }, others: [{ externalId: "device:g", name: "Pilots" }] },
    ]);
  });
});

test("of two collections whose turn comes at once the first is told of the other, and the last of none", async () => {
  const both = [await world.native("user:g"), await world.native("device:g")];
  for (const [index, one] of both.entries()) await world.installed(one, `A${index}`);
  await world.apply();
  await world.read("UPDATE installation SET state = 'REMOVED'");
  for (const one of both) await world.remove(one, OnLeave.KEEP);
  await world.release();
  expect(released.map(({ collection, others }) => [collection?.externalId, others.length])).toEqual([
    ["user:g", 1],
    ["device:g", 0],
  ]);
});

test("what is over is not looked through: of deleted deployments, the installations that count are found by their states", async () => {
  await insertMembers(world, await world.native(), S.REMOVED, 3_000);
  for (let other = 2; other <= 21; other += 1) {
    const standing = await world.native(`group-${other}`);
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
      expect(await world.alerts()).toEqual([]);
      await world.read("UPDATE target SET paused_until = NULL, opened_at = NULL, tried_until = NULL, failures = 0");
      await world.read("UPDATE standing_order SET next_attempt_at = NULL");
      await world.release();
      const [order] = await world.read<{ pause: number }>(
        "SELECT extract(epoch FROM next_attempt_at - $1)::float8 AS pause FROM standing_order WHERE attempts > 0",
        [world.core.clock.now()],
      );
      pauses.push(order?.pause ?? 0);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(await world.alerts()).toMatchObject([{ message: expect.stringContaining("Not now.") }]);
    await world.read("UPDATE target SET paused_until = NULL, opened_at = NULL, tried_until = NULL, failures = 0");
    await world.read("UPDATE standing_order SET next_attempt_at = NULL");
    world.connection.release = async (release) => void released.push(release);
    await world.release();
    expect(released).toHaveLength(1);
    expect(await world.alerts()).toEqual([]);
  });

  test("keeps no other from its turn when it is a no", async () => {
    const [bad, good] = [await world.native("group-1"), await world.native("group-2")];
    const ids = [await world.installed(bad, "AAA"), await world.installed(good, "BBB")];
    await world.apply();
    for (const id of ids) await world.become(id, S.REMOVED);
    for (const one of [bad, good]) await world.remove(one, OnLeave.KEEP);
    world.connection.release = async (release) => {
      if (release.collection?.externalId === "group-1") throw new PluginError("rejected", "No.");
      released.push(release);
    };
    await world.release();
    expect(released.map(({ collection }) => collection?.externalId ?? null)).toEqual(["group-2"]);
    expect(await world.alerts()).toHaveLength(1);
  });

  test("is tried again at once after a check of the target", async () => {
    await overButStanding();
    world.connection.release = async () => {
      throw new PluginError("rejected", "No.");
    };
    await world.release();
    world.connection.release = async (release) => void released.push(release);
    await world.release();
    expect(released).toEqual([]);
    const check = await checkTarget(world.core, world.targetId);
    await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, world.targetId, check));
    await world.release();
    expect(released).toHaveLength(1);
    expect(await world.alerts()).toEqual([]);
  });

  test("is forgotten when the app stands there anew", async () => {
    const first = await overButStanding();
    world.connection.release = async () => {
      throw new PluginError("rejected", "No.");
    };
    await world.release();
    expect(await world.alerts()).toHaveLength(1);
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, first.collectionId]);
    await world.installed(next, "BBB");
    await world.apply();
    await world.release();
    expect(await world.alerts()).toEqual([]);
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
  await world.release();
  await world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, world.targetId));
  expect(await world.read("SELECT FROM target")).toEqual([]);
});

test("nothing is noted of a product that keeps nothing", async () => {
  const made = await world.native();
  await world.installed(made, "AAA");
  await world.core.targets.plugin(world.targetId).then((plugin) => {
    Object.assign(plugin.abilities, { releases: false });
  });
  delete world.connection.release;
  await world.apply();
  expect(await world.read("SELECT FROM standing_order")).toEqual([]);
});

test("a target whose plugin is not installed any more is told of as failing when steps wait for it", async () => {
  await world.installed(await world.native(), "AAA");
  (world.core.plugins as Map<string, unknown>).delete("scripted");
  await world.apply();
  expect(await world.read("SELECT message FROM alert WHERE kind = 'TARGET_FAILING'")).toMatchObject([
    { message: expect.stringContaining("is not installed") },
  ]);
});

test("a deployment that wants its app gone keeps that standing while it lives", async () => {
  const lives = await world.native();
  await world.read("UPDATE deployment SET action = $2 WHERE id = $1", [lives.id, DeploymentAction.UNINSTALL]);
  await world.installed(lives, "AAA", S.REMOVING);
  await world.apply();
  await world.read("UPDATE installation SET state = 'REMOVED'");
  await world.release();
  expect(released).toEqual([]);
});

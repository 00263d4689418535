import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Deployment, OnLeave } from "../../../src/entities/deployment.js";
import { InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import type { Release, Step } from "../../../src/plugins/contract.js";
import { removeTarget } from "../../../src/sync/targets/remove-target.js";
import { createReleaseWorld, type ReleaseWorld, WHOLE } from "./release-world.js";

/** Devices that keep the app of a deleted deployment, at a product that owns its tokens: they are told alone. */

let world: ReleaseWorld;
let told: Step[];
let released: Release[];
beforeEach(async () => {
  world = await createReleaseWorld();
  ({ told, released } = world);
});
afterEach(() => world.stop());

describe("a deployment that was deleted and keeps its apps", () => {
  test("has its devices told alone, then its collection released, once", async () => {
    const gone = await world.native();
    const ids = [await world.installed(gone, "AAA"), await world.installed(gone, "BBB")];
    await world.apply();
    for (const id of ids) await world.become(id, S.INSTALLED);
    await world.remove(gone, OnLeave.KEEP);
    expect(await world.jobs("release-orders")).toHaveLength(1);
    await world.release();
    expect(told.slice(2)).toMatchObject([
      { action: "install", collection: null, device: { serial: "AAA" } },
      { action: "install", collection: null, device: { serial: "BBB" } },
    ]);
    await world.anHourPasses();
    await world.release();
    await world.release();
    expect(released).toMatchObject([{ collection: WHOLE, app: { adamId: "361309726" }, others: [] }]);
  });

  test("has a device told alone, too, that had left it for want of a user, and is in its collection", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    const other = await world.installed(gone, "BBB");
    await world.apply();
    for (const one of [id, other]) await world.become(one, S.INSTALLED);
    await world.read("UPDATE installation SET left_at = now() - interval '1 hour'");
    await world.read(
      "DELETE FROM collection_member WHERE device_id = (SELECT device_id FROM installation WHERE id = $1)",
      [other],
    );
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
    expect(told.slice(2)).toMatchObject([{ action: "install", collection: null, device: { serial: "AAA" } }]);
    expect(released).toEqual([]);
  });

  test("lets an install that is under way go on by the handle that its device was given alone", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    expect((await world.seen(id)).state).toBe(S.INSTALLING);
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
    expect(await world.seen(id)).toMatchObject({
      state: S.INSTALLING,
      handle: expect.stringMatching(/^handle of .*:alone$/),
    });
    await world.anHourPasses();
    await world.release();
    expect(released).toHaveLength(1);
  });

  test("keeps its collection, and an alert says why, while a device cannot be told alone", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.become(id, S.INSTALLED);
    await world.remove(gone, OnLeave.KEEP);
    const failure = { code: "NOT_SUPPORTED", detail: "The device is in no directory." } as const;
    world.connection.apply = async (steps) => steps.map(({ key }) => ({ key, outcome: "failed", failure }));
    await world.release();
    expect(released).toEqual([]);
    expect(await world.alerts()).toMatchObject([
      { message: expect.stringMatching(/"Pilots".*The device is in no directory/) },
    ]);
    expect(await world.jobs("release-orders")).toHaveLength(2);

    await world.remove(gone, OnLeave.UNINSTALL);
    await world.become(id, S.REMOVED);
    await world.release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE, null]);
    expect(await world.alerts()).toEqual([]);
  });

  test("is removed from each device alone when it is deleted once more, since who has joined meanwhile may have the app", async () => {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.become(id, S.INSTALLED);
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
    await world.anHourPasses();
    await world.release();
    await world.remove(gone, OnLeave.UNINSTALL);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
    expect(await world.read("SELECT FROM standing_order WHERE collection <> ''")).toEqual([]);
  });

  test("does not have a device told to keep the app from which another deployment removes it", async () => {
    const [gone, other] = [await world.native(), await world.native("group-2")];
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.become(id, S.INSTALLED);
    const { deviceId } = await world.seen(id);
    await world.installation({ deploymentId: other.id, deviceId, state: S.REMOVING, want: InstallationWant.ABSENT });
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
    expect(told).toHaveLength(1);
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
  });

  test("has nobody removed by its collection: a device that had not been told leaves alone", async () => {
    const gone = await world.native();
    const kept = await world.installed(gone, "AAA");
    await world.apply();
    await world.become(kept, S.INSTALLED);
    await world.installed(gone, "BBB");
    await world.remove(gone, OnLeave.KEEP);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "BBB" } });
  });
});

describe("a collection whose devices were told alone", () => {
  async function handedOver(): Promise<{ gone: Deployment; id: string }> {
    const gone = await world.native();
    const id = await world.installed(gone, "AAA");
    await world.apply();
    await world.become(id, S.INSTALLED);
    await world.remove(gone, OnLeave.KEEP);
    await world.release();
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
    await world.release();
    expect(released).toEqual([]);
    await world.anHourPasses();
    await world.release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
  });

  test("is released at once when none of them keeps the app any more, which is removed from each alone", async () => {
    const { gone, id } = await handedOver();
    await world.remove(gone, OnLeave.UNINSTALL);
    expect((await world.seen(id)).state).toBe(S.REMOVING);
    await world.release();
    expect(released.map(({ collection }) => collection)).toEqual([WHOLE]);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
  });

  test("has its app removed from each alone also before it is released", async () => {
    const { gone } = await handedOver();
    await world.remove(gone, OnLeave.UNINSTALL);
    await world.apply();
    expect(told.at(-1)).toMatchObject({ action: "remove", collection: null, device: { serial: "AAA" } });
  });

  test("has that hour anew when another deployment has addressed it meanwhile", async () => {
    const { gone } = await handedOver();
    const next = await world.deployment();
    await world.read("UPDATE deployment SET collection_id = $2 WHERE id = $1", [next.id, gone.collectionId]);
    await world.installed(next, "BBB");
    await world.apply();
    expect(await world.read("SELECT FROM standing_order WHERE handed_over_at IS NOT NULL")).toEqual([]);
  });

  test("keeps its target, and the refusal says for how long", async () => {
    await handedOver();
    const removal = world.core.dataSource.transaction((tx) => removeTarget(tx, world.core, world.targetId));
    await expect(removal).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("in an hour") });
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstallationReason, InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import { PluginError, type StepOutcome } from "../../../src/plugins/contract.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { leaveTarget } from "../../../src/sync/deployments/leave-target.js";
import { pollSteps } from "../../../src/sync/deployments/poll-steps.js";
import { checkTarget, recordCheck } from "../../../src/sync/targets/check-target.js";
import { answering, createDeploymentWorld, type DeploymentWorld, refused } from "./deployment-world.js";

let world: DeploymentWorld;
beforeEach(async () => {
  world = await createDeploymentWorld();
});
afterEach(() => world.stop());

const apply = () => applySteps(world.core, { targetId: world.targetId });
const done = (key: string): StepOutcome => ({ key, outcome: "done", observedAt: world.core.clock.now() });

/** A device with a licence, and an installation of it. */
async function licensed(serial: string, state: S, want = InstallationWant.PRESENT): Promise<string> {
  const deviceId = await world.device(serial);
  const licenseId = await world.license(deviceId, serial);
  return world.installation({ deploymentId: (await world.deployment()).id, deviceId, licenseId, state, want });
}

async function unlicensed(serial: string, state: S, want = InstallationWant.PRESENT): Promise<string> {
  const deviceId = await world.device(serial);
  return world.installation({ deploymentId: (await world.deployment()).id, deviceId, state, want });
}

describe("a device that its target does not know", () => {
  test.each([
    [S.LICENSED, InstallationWant.PRESENT, S.FAILED],
    [S.REMOVING, InstallationWant.ABSENT, S.REMOVAL_FAILED],
  ])("is told of nothing: %s for %s ends as %s", async (state, want, end) => {
    const id = await licensed("AAA", state, want);
    await world.read("DELETE FROM holder_alias");
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: end, reason: InstallationReason.UNKNOWN_AT_TARGET });
    expect(await world.jobs("apply-steps")).toEqual([]);
  });

  test("has no app any more that was to be removed for who has left, also where its name is another's now", async () => {
    const id = await licensed("AAA", S.REMOVING, InstallationWant.ABSENT);
    await world.read("UPDATE installation SET left_at = now()");
    const other = await world.device("BBB");
    await world.read("UPDATE holder_alias SET device_id = $1", [other]);
    await apply();
    expect(await world.jobs("leave-target")).toHaveLength(1);
    await leaveTarget(world.core, { targetId: world.targetId });
    expect(await world.seen(id)).toMatchObject({ state: S.RETURNING, reason: InstallationReason.DEVICE_GONE });
  });
});

test.each([
  ["asked about", true, ["verify"]],
  ["left alone after", false, []],
] as const)("a device is %s an install that failed as its deadline is still to come: %s", async (_, waits, asked) => {
  const id = await licensed("AAA", S.FAILED);
  await world.read(
    `UPDATE installation SET handle = 'h', verify_at = now() - interval '1 minute',
       deadline_at = CASE WHEN $2 THEN now() + interval '1 day' END WHERE id = $1`,
    [id, waits],
  );
  const told: string[] = [];
  world.connection.apply = async (steps) => {
    told.push(...steps.map(({ action }) => action));
    return steps.map(({ key }) => refused(key));
  };
  await apply();
  expect(told).toEqual(asked);
});

describe("a device with several names at its target", () => {
  test("is told by the one that the target still lists, though another came later", async () => {
    await licensed("AAA", S.LICENSED);
    await world.read(
      `INSERT INTO holder_alias (target_id, external_id, device_id, gone_at)
       SELECT target_id, 'later', device_id, now() FROM holder_alias`,
    );
    const told: string[] = [];
    world.connection.apply = async (steps) => {
      told.push(...steps.map(({ device }) => device.externalId));
      return steps.map(({ key }) => done(key));
    };
    await apply();
    expect(told).toEqual(["device-AAA"]);
  });

  test("is unknown when the target lists none of them any more", async () => {
    const id = await licensed("AAA", S.LICENSED);
    await world.read("UPDATE holder_alias SET gone_at = now()");
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: S.FAILED, reason: InstallationReason.UNKNOWN_AT_TARGET });
  });
});

describe("an install on a device from which another deployment is removing the app", () => {
  /** Both on one device; the removal was told, or not yet. */
  async function meeting(handle: string | null): Promise<{ install: string; removal: string }> {
    const removal = await unlicensed("AAA", S.REMOVING, InstallationWant.ABSENT);
    const { deviceId } = await world.seen(removal);
    const licenseId = await world.license(deviceId ?? "", "AAA");
    const { id: deploymentId } = await world.deployment();
    const install = await world.installation({ deploymentId, deviceId, licenseId, state: S.LICENSED });
    await world.read("UPDATE installation SET handle = $2 WHERE id = $1", [removal, handle]);
    world.connection.apply = async (steps) =>
      steps.map(({ key, action }) => (action === "remove" ? { key, outcome: "accepted", handle: "h" } : done(key)));
    return { install, removal };
  }

  test.each([
    ["told already", "h"],
    ["told in the same breath", null],
  ])("waits for the removal that was %s", async (_, handle) => {
    const { install, removal } = await meeting(handle);
    await apply();
    expect(await world.seen(install)).toMatchObject({ state: S.LICENSED });
    const status = { handle: "h", device: "device-AAA", state: "removed", observedAt: world.core.clock.now() } as const;
    world.connection.poll = async () => ({ statuses: [status], followUps: [] });
    await world.read("UPDATE installation SET next_look_at = now() WHERE id = $1", [removal]);
    await pollSteps(world.core, { targetId: world.targetId });
    expect(await world.seen(removal)).toMatchObject({ state: S.REMOVED });
    expect(await world.jobs("apply-steps")).toHaveLength(1);
    await apply();
    expect(await world.seen(install)).toMatchObject({ state: S.INSTALLED });
  });

  test("does not wait for one that a frozen token keeps from being told", async () => {
    const { install } = await meeting(null);
    await world.read("UPDATE token SET health_state = 'SUSPENDED'");
    await apply();
    expect(await world.seen(install)).toMatchObject({ state: S.INSTALLED });
  });
});

describe("the answer to a removal of an app that is wanted again", () => {
  test.each([
    ["with a licence is followed by an install", licensed, S.LICENSED],
    ["without a licence is followed by a claim", unlicensed, S.REQUESTED],
  ])("that failed %s", async (_, create, next) => {
    const id = await create("AAA", S.REMOVING);
    let answered = 0;
    world.connection.apply = answering((key) => {
      answered++;
      return refused(key);
    });
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: next, want: "PRESENT" });
    expect(answered).toBe(1);
    expect(await world.jobs("license-installations")).toHaveLength(next === S.REQUESTED ? 1 : 0);
  });
});

describe("the answer to an install whose licence was lost meanwhile", () => {
  test("does not count as installed: a licence is requested first", async () => {
    const deviceId = await world.device("AAA");
    const licenseId = await world.license(deviceId, "AAA");
    const deploymentId = (await world.deployment()).id;
    const id = await world.installation({
      deploymentId,
      deviceId,
      licenseId,
      state: S.FAILED,
      handle: "h",
      verifyAt: world.core.clock.now(),
      deadlineAt: world.core.clock.in(60_000),
    });
    world.connection.apply = async (steps) => {
      await world.read("UPDATE installation SET license_id = NULL");
      return steps.map(({ key }) => done(key));
    };
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: S.REQUESTED, licenseId: null, generation: 2 });
  });
});

describe("an answer that comes too late", () => {
  test("defers nothing of an installation that has begun a new generation", async () => {
    const id = await licensed("AAA", S.LICENSED);
    const before = await world.seen(id);
    world.connection.apply = async (steps) => {
      await world.read("UPDATE installation SET generation = 2, state = 'REMOVING', want = 'ABSENT'");
      const until = world.core.clock.in(3_600_000_000);
      world.connection.apply = answering(done);
      return steps.map(({ key }) => ({ key, outcome: "deferred", until, reason: "Not at night." }));
    };
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: S.REMOVING, detail: null, nextLookAt: before.nextLookAt });
  });
});

describe("a target that fails", () => {
  let calls: number;
  const failing = (error: PluginError) => async () => {
    calls++;
    throw error;
  };
  beforeEach(() => {
    calls = 0;
  });

  test.each(["transient", "config"] as const)("is left alone for a while: %s", async (kind) => {
    await licensed("AAA", S.LICENSED);
    await licensed("BBB", S.INSTALLING);
    await world.read("UPDATE installation SET handle = 'h' WHERE state = 'INSTALLING'");
    const error = new PluginError(kind, "No.", { retryAfterMs: 60_000 });
    world.connection.apply = failing(error);
    world.connection.poll = failing(error);
    await apply();
    await apply();
    await pollSteps(world.core, { targetId: world.targetId });
    expect(calls).toBe(1);
    const [{ paused_until: until } = { paused_until: null }] = await world.read<{ paused_until: Date | null }>(
      "SELECT paused_until FROM target",
    );
    expect(await world.jobs("apply-steps")).toEqual([{ run_at: until }]);
    expect(await world.jobs("poll-steps")).toEqual([{ run_at: until }]);
  });

  test("is told again once its check has succeeded", async () => {
    const id = await licensed("AAA", S.LICENSED);
    world.connection.apply = failing(new PluginError("transient", "No.", { retryAfterMs: 60_000 }));
    await apply();
    world.connection.apply = answering(done);
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: S.LICENSED });
    const check = await checkTarget(world.core, world.targetId);
    await world.core.dataSource.transaction((tx) => recordCheck(tx, world.core, world.targetId, check));
    await apply();
    expect(await world.seen(id)).toMatchObject({ state: S.INSTALLED });
  });

  test("is not paused any more after the first call that succeeds", async () => {
    const id = await licensed("AAA", S.INSTALLING);
    await world.read("UPDATE installation SET handle = 'h'");
    await world.read(
      "UPDATE target SET failures = 3, opened_at = now() - interval '2 hours', paused_until = now() - interval '1 hour'",
    );
    await pollSteps(world.core, { targetId: world.targetId });
    expect(await world.read("SELECT failures, paused_until FROM target")).toEqual([
      { failures: 0, paused_until: null },
    ]);
    expect(await world.seen(id)).toMatchObject({ state: S.INSTALLING });
  });
});

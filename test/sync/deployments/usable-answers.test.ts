import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { PluginError, type StepOutcome } from "../../../src/plugins/contract.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { pollSteps } from "../../../src/sync/deployments/poll-steps.js";
import { prepareApplications } from "../../../src/sync/deployments/prepare-applications.js";
import { readWebhookEvents } from "../../../src/sync/deployments/read-webhook-events.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

/** U+0000, which PostgreSQL cannot store. */
const NUL = "\u0000";

let world: DeploymentWorld;
beforeEach(async () => {
  world = await createDeploymentWorld();
});
afterEach(() => world.stop());

async function installation(serial: string, state: S, handle: string | null = null): Promise<string> {
  const deviceId = await world.device(serial);
  const licenseId = await world.license(deviceId, serial);
  return world.installation({ deploymentId: (await world.deployment()).id, deviceId, licenseId, state, handle });
}

const place = () => ({ targetId: world.targetId });
const now = () => world.core.clock.now();
const done = (key: string): StepOutcome => ({ key, outcome: "done", observedAt: now() });

describe("an answer that cannot be stored", () => {
  test("to a step is read without the characters that only describe", async () => {
    const id = await installation("AAA", S.LICENSED);
    world.connection.apply = async (steps) =>
      steps.map(({ key }) => ({
        key,
        outcome: "failed",
        failure: { code: "INSTALL_FAILED", detail: `N${NUL}o.`, remedy: `Tr${NUL}y.` },
      }));
    await applySteps(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.FAILED, detail: "INSTALL_FAILED: No.", remedy: "Try." });
  });

  test("by a handle defers its own step, and no other", async () => {
    const bad = await installation("BAD", S.LICENSED);
    const good = await installation("GOOD", S.LICENSED);
    world.connection.apply = async (steps) =>
      steps.map(({ key, device }) => ({
        key,
        outcome: "accepted",
        handle: device.serial === "BAD" ? `h${NUL}` : "h",
      }));
    await applySteps(world.core, place());
    expect(await world.seen(good)).toMatchObject({ state: S.INSTALLING, handle: "h" });
    expect(await world.seen(bad)).toMatchObject({ state: S.LICENSED, handle: null, detail: expect.any(String) });
    expect((await world.seen(bad)).nextLookAt?.getTime()).toBeGreaterThan(now().getTime() - 1);
  });

  test("by a handle that is longer than 2 KiB defers its step", async () => {
    const id = await installation("AAA", S.LICENSED);
    world.connection.apply = async (steps) =>
      steps.map(({ key }) => ({ key, outcome: "accepted", handle: "é".repeat(1025) }));
    await applySteps(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.LICENSED, handle: null });
  });

  test.each([undefined, null, "done", 7, {}, { length: 1 }])(
    "to steps and is no list at all is a failure of the target: %j",
    async (answer) => {
      const id = await installation("AAA", S.LICENSED);
      world.connection.apply = async () => answer as never;
      await applySteps(world.core, place());
      expect(await world.seen(id)).toMatchObject({ state: S.LICENSED });
      expect(await world.read("SELECT failures, last_error FROM target")).toEqual([
        { failures: 1, last_error: expect.stringContaining("breaks its contract") },
      ]);
    },
  );

  test.each([undefined, null, "installed", [], { statuses: [] }, { statuses: {}, followUps: [] }])(
    "to handles and is no report at all is a failure of the target: %j",
    async (answer) => {
      const id = await installation("AAA", S.INSTALLING, "h");
      world.connection.poll = async () => answer as never;
      await pollSteps(world.core, place());
      expect(await world.seen(id)).toMatchObject({ state: S.INSTALLING });
      expect(await world.read("SELECT failures, last_error FROM target")).toEqual([
        { failures: 1, last_error: expect.stringContaining("breaks its contract") },
      ]);
    },
  );

  test("and holds far more than was asked for is a failure of the target", async () => {
    const id = await installation("AAA", S.LICENSED);
    world.connection.apply = async ([step]) => Array.from({ length: 3 }, () => done(step?.key ?? ""));
    await applySteps(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.LICENSED });
    expect(await world.read("SELECT last_error FROM target")).toEqual([
      { last_error: expect.stringContaining("3 outcomes of 1 steps, where at most 2 are") },
    ]);
  });

  test("by words without end is cut", async () => {
    const id = await installation("AAA", S.LICENSED);
    world.connection.apply = async (steps) =>
      steps.map(({ key }) => ({
        key,
        outcome: "failed",
        failure: { code: "INSTALL_FAILED", detail: "x".repeat(1_000_000) },
      }));
    await applySteps(world.core, place());
    expect((await world.seen(id)).detail?.length).toBeLessThan(2_100);
  });

  test("of another shape than the contract's defers its step, too", async () => {
    const id = await installation("AAA", S.LICENSED);
    world.connection.apply = async (steps) => steps.map(({ key }) => ({ key, outcome: "who knows" }) as never);
    await applySteps(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.LICENSED });
  });

  test("among statuses is left out, and the others count", async () => {
    const id = await installation("AAA", S.INSTALLING, "h");
    await world.read("UPDATE installation SET next_look_at = now() - interval '1 minute'");
    world.connection.poll = async () => ({
      statuses: [
        { handle: `h${NUL}`, device: "device-AAA", state: "failed", observedAt: now() },
        { handle: "h", device: `device${NUL}`, state: "failed", observedAt: now() },
        { handle: "h", device: "device-AAA", state: "failed", observedAt: new Date(-1e15) },
        { handle: "h", device: "device-AAA", state: "installed", observedAt: now() },
      ],
      followUps: [{ handle: `h${NUL}`, device: "device-AAA", afterMs: 1 }],
    });
    await pollSteps(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.INSTALLED });
  });

  test("by a date years ahead does not make the device deaf to all that is told later", async () => {
    const id = await installation("AAA", S.INSTALLING, "h");
    const status = { handle: "h", device: "device-AAA" } as const;
    const tell = async (state: "pending" | "installed", observedAt: Date) => {
      await world.read("UPDATE installation SET next_look_at = now() - interval '1 minute'");
      world.connection.poll = async () => ({ statuses: [{ ...status, state, observedAt }], followUps: [] });
      await pollSteps(world.core, place());
    };
    await tell("pending", new Date("2199-01-01T00:00:00Z"));
    await tell("installed", now());
    expect(await world.seen(id)).toMatchObject({ state: S.INSTALLED });
  });

  test("in an event is left out, and the event is read", async () => {
    const id = await installation("AAA", S.INSTALLING, "h");
    world.connection.webhook = {
      verify: () => true,
      read: () => ({
        users: [],
        devices: [],
        statuses: [
          { handle: `h${NUL}`, device: "device-AAA", state: "failed", observedAt: now() },
          { handle: "h", device: "device-AAA", state: "installed", observedAt: now() },
        ],
        followUps: [],
      }),
    };
    await world.read(
      "INSERT INTO webhook_event (target_id, headers, body, received_at) VALUES ($1, '{}', 'x', now())",
      [world.targetId],
    );
    await readWebhookEvents(world.core, place());
    expect(await world.seen(id)).toMatchObject({ state: S.INSTALLED });
    expect(await world.read("SELECT error FROM webhook_event WHERE read_at IS NOT NULL")).toEqual([{ error: null }]);
  });

  test("for an app object is an error to be read, and asked for again", async () => {
    await world.read("UPDATE application SET ready_at = NULL");
    world.connection.ensureApplication = async () => ({ handle: `app${NUL}` });
    await prepareApplications(world.core, place());
    expect(await world.read("SELECT ready_at, last_error FROM application")).toEqual([
      { ready_at: null, last_error: expect.stringContaining("cannot be stored") },
    ]);
    expect(await world.jobs("prepare-applications")).toHaveLength(1);
  });
});

test("A no to an app object is asked about again after as long again as it was wanted, at most an hour", async () => {
  world.connection.ensureApplication = async () => {
    throw new PluginError("rejected", "It is not for sale there.");
  };
  await world.read("UPDATE application SET ready_at = NULL, created_at = now() - interval '1 day'");
  await world.read("DELETE FROM graphile_worker._private_jobs");
  const hourMs = world.core.clock.scaled(3_600_000);
  const earliest = Date.now() + hourMs;
  await prepareApplications(world.core, place());
  const latest = Date.now() + hourMs;
  const [job] = await world.jobs("prepare-applications");
  expect(job?.run_at.getTime()).toBeGreaterThanOrEqual(earliest);
  expect(job?.run_at.getTime()).toBeLessThanOrEqual(latest);
  await sweep(world.core);
  expect(await world.jobs("prepare-applications")).toEqual([job]);
});

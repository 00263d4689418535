import { afterEach, beforeEach, expect, test } from "vitest";
import { InstallationState as S } from "../../../src/entities/installation.js";
import type { DeviceAppState, StepStatus } from "../../../src/plugins/contract.js";
import { applyStatuses } from "../../../src/sync/deployments/apply-statuses.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

/** The world's clock is so much faster. */
const TIME_SCALE = 200;
const HANDLE = "handle-a";

let world: DeploymentWorld;
let installation: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  const { id: deploymentId } = await world.deployment();
  const deviceId = await world.device("AAA");
  const licenseId = await world.license(deviceId, "AAA");
  installation = await world.installation({ deploymentId, deviceId, licenseId, handle: HANDLE, state: S.INSTALLING });
});
afterEach(() => world.stop());

/** The device tells a state (or nothing), and the plugin wishes for a look. @returns the pause until then, in seconds of the clock. */
async function pauseAfter(state: DeviceAppState | null, afterMs: number): Promise<number> {
  const before = Date.now();
  const status = (of: DeviceAppState): StepStatus => ({
    handle: HANDLE,
    device: "device-AAA",
    state: of,
    observedAt: world.core.clock.now(),
  });
  await world.core.dataSource.transaction((tx) =>
    applyStatuses(tx, world.core, world.targetId, {
      statuses: state === null ? [] : [status(state)],
      followUps: [{ handle: HANDLE, device: "device-AAA", afterMs }],
    }),
  );
  const { verifyAt, verifyPauseMs } = await world.seen(installation);
  expect(verifyAt?.getTime()).toBeGreaterThanOrEqual(before);
  return (verifyPauseMs * TIME_SCALE) / 1000;
}

/** The look is taken. */
async function look(): Promise<void> {
  await world.read("UPDATE installation SET verify_at = NULL WHERE id = $1", [installation]);
}

test("while a device tells the same, each pause before a look is twice as long as the one before", async () => {
  const pauses: number[] = [];
  for (const afterMs of [15_000, 20_000, 20_000, 20_000]) {
    pauses.push(await pauseAfter("installing", afterMs));
    await look();
  }
  expect(pauses).toEqual([15, 30, 60, 120]);
});

test("after news the next look comes as early as it is wished", async () => {
  for (let round = 0; round < 4; round += 1) {
    await pauseAfter("installing", 20_000);
    await look();
  }
  expect(await pauseAfter("needs-user", 20_000)).toBe(20);
});

test("a device that tells nothing is asked at growing pauses, and at least every six hours", async () => {
  const pauses: number[] = [];
  for (let round = 0; round < 14; round += 1) {
    pauses.push(await pauseAfter(null, 0));
    await look();
  }
  expect(pauses.slice(0, 4)).toEqual([15, 30, 60, 120]);
  expect(pauses.at(-1)).toBe(6 * 3600);
});

test("a look that is planned is not put off by another wish", async () => {
  await pauseAfter("installing", 3_600_000);
  const { verifyAt } = await world.seen(installation);
  await pauseAfter(null, 0);
  expect((await world.seen(installation)).verifyAt).toEqual(verifyAt);
});

test("a device on which an install has failed is asked at last daily, as long as its licence stays", async () => {
  await world.read("UPDATE installation SET state = 'FAILED', deadline_at = now() + interval '1 day'");
  const pauses: number[] = [];
  for (let round = 0; round < 16; round += 1) {
    pauses.push(await pauseAfter(null, 0));
    await look();
  }
  expect(pauses.slice(0, 3)).toEqual([15, 30, 60]);
  expect(pauses.at(-1)).toBe(24 * 3600);
});

test("what somebody has to do at the device stays to be read while it is asked again", async () => {
  const failure = { code: "NEEDS_USER", detail: "Sign in to the App Store.", remedy: "On the device." } as const;
  const status = {
    handle: HANDLE,
    device: "device-AAA",
    state: "needs-user",
    observedAt: new Date(),
    failure,
  } as const;
  const followUps = [{ handle: HANDLE, device: "device-AAA", afterMs: 0 }];
  await world.core.dataSource.transaction((tx) =>
    applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps }),
  );
  const told = { reason: "NEEDS_USER", detail: failure.detail, remedy: failure.remedy };
  expect(await world.seen(installation)).toMatchObject(told);
  world.connection.apply = async (steps) => steps.map(({ key }) => ({ key, outcome: "accepted", handle: HANDLE }));
  await applySteps(world.core, { targetId: world.targetId });
  expect(await world.seen(installation)).toMatchObject({ ...told, verifications: 1, verifyAt: null });
});

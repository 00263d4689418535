import { afterAll, beforeAll, expect, test } from "vitest";
import {
  InstallationWant,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { row } from "../../../src/queries/sql.js";
import { applyStatuses } from "../../../src/sync/deployments/apply-statuses.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { expireWaits } from "../../../src/sync/deployments/expire-waits.js";
import { retryInstallation } from "../../../src/sync/deployments/retry-installation.js";
import { eventually } from "../../support/eventually.js";
import { ago, answering, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let devices = 0;
beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

/** A licensed installation whose app is wanted, in that state. */
async function licensed(state: S, overdue: boolean): Promise<string> {
  const serial = `SERIAL${devices++}`;
  const deviceId = await world.device(serial);
  return world.installation({
    deploymentId: (await world.deployment()).id,
    deviceId,
    licenseId: await world.license(deviceId, serial),
    state,
    want: InstallationWant.PRESENT,
    deadlineAt: overdue ? ago(world.core, 1) : null,
  });
}

const GOING_ON: readonly [string, S, boolean, (id: string) => Promise<unknown>][] = [
  ["whose removal has come to no end", S.REMOVING, true, () => expireWaits(world.core)],
  [
    "that is retried",
    S.FAILED,
    false,
    (id) =>
      world.core.dataSource.transaction((tx) => retryInstallation(tx, world.core, { tokenId: world.tokenId, id })),
  ],
  [
    "whose device the target does not know any more",
    S.REMOVING,
    false,
    async () => {
      await world.read("DELETE FROM holder_alias");
      await applySteps(world.core, { targetId: world.targetId });
    },
  ],
];

test.each(GOING_ON)(
  "An installation %s needs another licence if it loses its own in the same moment",
  async (_, state, overdue, goOn) => {
    const id = await licensed(state, overdue);
    const other = world.core.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query("UPDATE installation SET license_id = NULL WHERE id = $1", [id]);
    const going = goOn(id);
    await eventually(() =>
      row(
        world.core.dataSource,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      ),
    );
    await other.commitTransaction();
    await other.release();
    await going;
    expect(await world.seen(id)).toMatchObject({ state: S.REQUESTED, licenseId: null });
  },
);

test("An app that was seen to be gone is gone for each deployment that has seen it on the device", async () => {
  const serial = `SERIAL${devices++}`;
  const deviceId = await world.device(serial);
  const removing = { state: S.REMOVING, want: InstallationWant.ABSENT, handle: "gone" };
  await world.installation({ ...removing, deploymentId: (await world.deployment()).id, deviceId });
  const seen = { state: S.CANCELLED, observedState: "installed", observedAt: ago(world.core, 1) };
  const id = await world.installation({ ...seen, deploymentId: (await world.deployment()).id, deviceId });
  const status = { handle: "gone", device: `device-${serial}`, state: "removed", observedAt: new Date() } as const;
  await world.core.dataSource.transaction((tx) =>
    applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps: [] }),
  );
  expect(await world.seen(id)).toMatchObject({ observedState: "removed", observedAt: status.observedAt });
});

/** One that has left under KEEP, whose install failed and whose licence has returned since: its handle is heard all the same. */
async function givenUp(serial: string): Promise<string> {
  return world.installation({
    deploymentId: (await world.deployment()).id,
    deviceId: await world.device(serial),
    state: S.FAILED,
    reason: R.TIMED_OUT,
    handle: "late",
    leftAt: ago(world.core, 1),
  });
}

test.each(["reports", "answers when it is asked"])(
  "Of somebody who has left a late app, which the target %s, is noted and asks for no licence",
  async (how) => {
    await world.read("DELETE FROM installation");
    const serial = `SERIAL${devices++}`;
    const id = await givenUp(serial);
    if (how === "reports") {
      const status = {
        handle: "late",
        device: `device-${serial}`,
        state: "installed",
        observedAt: new Date(),
      } as const;
      await world.core.dataSource.transaction((tx) =>
        applyStatuses(tx, world.core, world.targetId, { statuses: [status], followUps: [] }),
      );
    } else {
      await world.read(
        "UPDATE installation SET verify_at = now() - interval '1 minute', deadline_at = now() + interval '1 day' WHERE id = $1",
        [id],
      );
      world.connection.apply = answering((key) => ({ key, outcome: "done", observedAt: new Date() }));
      await applySteps(world.core, { targetId: world.targetId });
    }
    const still = { state: S.FAILED, reason: R.TIMED_OUT, generation: 1, verifyAt: null };
    expect(await world.seen(id)).toMatchObject({ ...still, observedState: "installed" });
  },
);

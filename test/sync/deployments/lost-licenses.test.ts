import { afterAll, beforeAll, expect, test } from "vitest";
import { InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import { row } from "../../../src/queries/sql.js";
import { applySteps } from "../../../src/sync/deployments/apply-steps.js";
import { expireWaits } from "../../../src/sync/deployments/expire-waits.js";
import { retryInstallation } from "../../../src/sync/deployments/retry-installation.js";
import { eventually } from "../../support/eventually.js";
import { ago, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

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

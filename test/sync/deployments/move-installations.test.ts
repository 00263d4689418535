import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { moveInstallations } from "../../../src/sync/deployments/move-installations.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

const LONG_AGO = new Date("2020-01-01T00:00:00Z");

/** Since when an installation waits that is requested anew from that state. */
async function queuedAfter(from: S): Promise<Date> {
  const { core, tokenId } = world;
  const deviceId = await world.device(`FROM-${from}`);
  const deployment = await world.deployment();
  const id = await world.installation({ deploymentId: deployment.id, deviceId, state: from, queuedAt: LONG_AGO });
  const moved = await core.dataSource.transaction((tx) =>
    moveInstallations(tx, core, [{ tokenId, id, from, generation: 1, to: S.REQUESTED }]),
  );
  expect([...moved]).toEqual([id]);
  return (await world.seen(id)).queuedAt;
}

describe("an installation that is requested anew", () => {
  test.each([S.WAITING_FOR_LICENSE, S.WAITING_FOR_USER, S.CLAIMING, S.LICENSED, S.INSTALLING, S.INSTALLED])(
    "keeps its turn while it has wanted its licence all along: %s",
    async (from) => {
      expect(await queuedAfter(from)).toEqual(LONG_AGO);
    },
  );

  test.each([
    S.NOT_APPLICABLE,
    S.FAILED,
    S.REMOVING,
    S.REMOVAL_FAILED,
    S.RETURNING,
    S.REMOVED,
    S.SUPERSEDED,
    S.CANCELLED,
  ])("comes last where it had given up, or was given up: %s", async (from) => {
    const before = world.core.clock.now();
    expect((await queuedAfter(from)).getTime()).toBeGreaterThanOrEqual(before.getTime());
  });
});

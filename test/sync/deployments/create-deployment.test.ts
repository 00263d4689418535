import { afterEach, beforeEach, expect, it } from "vitest";
import { Collection, CollectionKind } from "../../../src/entities/collection.js";
import { DeploymentAction, DeploymentLicensing, DeploymentPurpose, OnLeave } from "../../../src/entities/deployment.js";
import { createDeployment } from "../../../src/sync/deployments/create-deployment.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
beforeEach(async () => {
  world = await createDeploymentWorld();
});
afterEach(() => world.stop());

it("reaches a member who joins in the same moment, whom neither it nor the change of members saw", async () => {
  const { core, tokenId, storeAppId, targetId } = world;
  const { manager } = core.dataSource;
  const collection = manager.create(Collection, {
    id: core.clock.uuid(),
    name: "C",
    kind: CollectionKind.DEVICE,
    addedAt: core.clock.now(),
  });
  await manager.insert(Collection, collection);
  const deviceId = await world.device("LATE");
  const wanted = {
    storeApp: { tokenId, id: storeAppId },
    collectionId: collection.id,
    targetId,
    action: DeploymentAction.INSTALL,
    purpose: DeploymentPurpose.REQUIRED,
    licensing: DeploymentLicensing.DEVICE,
    onLeave: OnLeave.KEEP,
    priority: 0,
  };
  await core.dataSource.transaction(async (joins) => {
    await joins.query("INSERT INTO collection_member (collection_id, device_id) VALUES ($1, $2)", [
      collection.id,
      deviceId,
    ]);
    await core.dataSource.transaction((tx) => createDeployment(tx, core, wanted, "test"));
  });
  expect(await world.read("SELECT 1 FROM installation")).toEqual([]);
  expect(await world.jobs("refresh-members")).toHaveLength(1);
  await refreshMembers(core, { collectionId: collection.id });
  expect(await world.read("SELECT device_id, state FROM installation")).toEqual([
    { device_id: deviceId, state: "REQUESTED" },
  ]);
});

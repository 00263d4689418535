import { afterEach, beforeEach, expect, test } from "vitest";
import { AppleUser, AppleUserStatus } from "../../../src/entities/apple-user.js";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { User } from "../../../src/entities/user.js";
import type { Invitation } from "../../../src/plugins/contract.js";
import { sendInvitations } from "../../../src/sync/deployments/send-invitations.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let shown: Invitation[];
beforeEach(async () => {
  world = await createDeploymentWorld();
  shown = [];
  world.connection.invite = async (invitations) => void shown.push(...invitations);
  const { clock, dataSource } = world.core;
  const userId = clock.uuid();
  await dataSource.manager.insert(User, { id: userId, displayName: "Ann", addedAt: clock.now() });
  await dataSource.manager.insert(AppleUser, {
    tokenId: world.tokenId,
    clientUserId: clock.uuid(),
    userId,
    status: AppleUserStatus.REGISTERED,
    invitationUrl: "https://invitations.example/1",
    addedAt: clock.now(),
  });
  await world.installation({
    deploymentId: (await world.deployment()).id,
    deviceId: await world.device("AAA"),
    userId,
    state: InstallationState.WAITING_FOR_USER,
    reason: InstallationReason.INVITATION_OPEN,
  });
});
afterEach(() => world.stop());

const send = () => sendInvitations(world.core, { targetId: world.targetId });

test("an invitation is shown once, and once more with each reminder", async () => {
  await send();
  await send();
  expect(shown).toMatchObject([{ url: "https://invitations.example/1", device: { externalId: "device-AAA" } }]);
  await world.read("UPDATE installation SET reminded_at = now()");
  await send();
  await send();
  expect(shown).toHaveLength(2);
  expect(new Set(shown.map(({ key }) => key)).size).toBe(2);
});

test("a reminder by a clock before ours is shown once a run, and does not keep it going", async () => {
  await world.read("UPDATE installation SET reminded_at = now() + interval '1 hour'");
  await send();
  expect(shown).toHaveLength(1);
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { AppleUser, AppleUserStatus } from "../../../src/entities/apple-user.js";
import { InstallationReason, InstallationState as S } from "../../../src/entities/installation.js";
import { HolderKind, License, LicenseCause, LicenseState } from "../../../src/entities/license.js";
import { User } from "../../../src/entities/user.js";
import type { ServiceConfig } from "../../../src/sync/apple/apple-client.js";
import type { Core } from "../../../src/sync/core.js";
import { retireLeavers } from "../../../src/sync/deployments/retire-leavers.js";
import { eventually } from "../../support/eventually.js";
import { ago, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

const FORTNIGHT = 14 * 86_400_000;

let world: DeploymentWorld;
let core: Core;
let licenseId: string;
let installationId: string;

/** Somebody has left long ago, and their licence is in use on a device that is somebody else's by now. */
beforeEach(async () => {
  world = await createDeploymentWorld();
  const limits = { maxUsers: 100 } as ServiceConfig["limits"];
  const serviceConfig = async () => ({ limits }) as ServiceConfig;
  core = { ...world.core, apple: { ...world.core.apple, serviceConfig } };
  const { manager } = core.dataSource;
  const userId = core.clock.uuid();
  await manager.insert(User, { id: userId, leftAt: ago(core, FORTNIGHT), addedAt: ago(core, FORTNIGHT) });
  const registration = await manager.save(
    manager.create(AppleUser, {
      tokenId: world.tokenId,
      clientUserId: "left",
      userId,
      status: AppleUserStatus.ASSOCIATED,
      addedAt: ago(core, FORTNIGHT),
    }),
  );
  const deviceId = await world.device("PHONE");
  const at = ago(core, FORTNIGHT);
  ({ id: licenseId } = await manager.save(
    manager.create(License, {
      tokenId: world.tokenId,
      storeAppId: world.storeAppId,
      holderKind: HolderKind.USER,
      holderKey: "left",
      appleUserId: registration.id,
      state: LicenseState.HELD,
      startedAt: at,
      startCause: LicenseCause.DEPLOYMENT,
      startActor: "test",
      assignedAt: at,
      provenAt: at,
    }),
  ));
  const { id: deploymentId } = await world.deployment();
  installationId = await world.installation({ deploymentId, deviceId, licenseId, userId, state: S.INSTALLING });
});
afterEach(() => world.stop());

const retire = () => retireLeavers(core, { tokenId: world.tokenId });
const licenseState = async () => (await world.read<{ state: string }>("SELECT state FROM license"))[0]?.state;

test("what somebody who has left still holds goes back first, and no installation goes on with it", async () => {
  await retire();
  expect(await licenseState()).toBe("RETURNING");
  expect(await world.seen(installationId)).toMatchObject({
    state: S.SUPERSEDED,
    reason: InstallationReason.USER_LEFT,
    licenseId: null,
  });
  expect(await world.read("SELECT intent FROM apple_operation")).toEqual([{ intent: "DISASSOCIATE" }]);
});

test("an installation that moves on in the same moment does not go on with it either", async () => {
  const reporting = core.dataSource.createQueryRunner();
  await reporting.startTransaction();
  await reporting.query("UPDATE installation SET state = 'INSTALLED'");
  const retiring = retire();
  await eventually(async () => {
    const waiting = await world.read(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return waiting.length > 0 ? true : null;
  });
  await reporting.commitTransaction();
  await reporting.release();
  await retiring;
  expect(await licenseState()).toBe("RETURNING");
  expect(await world.seen(installationId)).toMatchObject({ state: S.SUPERSEDED, licenseId: null });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { DeploymentAction } from "../../../src/entities/deployment.js";
import { InstallationState, InstallationWant } from "../../../src/entities/installation.js";
import { advanceInstallations } from "../../../src/sync/deployments/advance-installations.js";
import { reclaimLicenses } from "../../../src/sync/deployments/reclaim-licenses.js";
import { refreshMembers } from "../../../src/sync/deployments/refresh-members.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;

beforeAll(async () => {
  world = await createDeploymentWorld();
});
afterAll(() => world.stop());

/** A claim that was flipped before it came through, and whose licence is in this state when it is looked at. */
async function flippedClaim(license: "ENDED" | "REFUSED" | "RETURNING", attempt: number, serial: string) {
  const deployment = await world.deployment();
  const deviceId = await world.device(serial);
  const licenseId = await world.license(deviceId, serial);
  const over = license === "RETURNING" ? "" : ", ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple'";
  await world.read(`UPDATE license SET state = $2 ${over} WHERE id = $1`, [licenseId, license]);
  const id = await world.installation({
    deploymentId: deployment.id,
    deviceId,
    licenseId,
    attempt,
    state: InstallationState.CLAIMING,
    want: InstallationWant.ABSENT,
  });
  await advanceInstallations(world.core, { tokenId: world.tokenId });
  const { state, licenseId: kept } = await world.seen(id);
  return { state, licenseId: kept };
}

test.each(["ENDED", "REFUSED", "RETURNING"] as const)(
  "a claim that nobody wants any more is cancelled when its licence is %s",
  async (license) => {
    expect(await flippedClaim(license, 1, `NEVER-${license}`)).toEqual({ state: "CANCELLED", licenseId: null });
  },
);

test.each(["ENDED", "REFUSED", "RETURNING"] as const)(
  "an app that may be on the device is removed when the claim for it nobody wants any more is %s",
  async (license) => {
    expect(await flippedClaim(license, 3, `BEFORE-${license}`)).toEqual({ state: "REMOVING", licenseId: null });
  },
);

test.each([
  ["HELD", "RETURNING", "RETURNING"],
  ["REFUSED", "CANCELLED", "REFUSED"],
] as const)(
  "of a device that was wiped meanwhile no app is removed when a claim for it is %s, and its licence returns",
  async (license, state, after) => {
    const deviceId = await world.device(`GONE-${license}`);
    const licenseId = await world.license(deviceId, `GONE-${license}`);
    const over = license === "HELD" ? "" : ", ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple'";
    await world.read(`UPDATE license SET state = $2 ${over} WHERE id = $1`, [licenseId, license]);
    await world.read("UPDATE device SET state = 'WIPED' WHERE id = $1", [deviceId]);
    const id = await world.installation({
      deploymentId: (await world.deployment()).id,
      deviceId,
      licenseId,
      attempt: 3,
      state: InstallationState.CLAIMING,
      want: InstallationWant.ABSENT,
      leftAt: new Date(),
    });
    await advanceInstallations(world.core, { tokenId: world.tokenId });
    expect(await world.seen(id)).toMatchObject({ state });
    expect(await world.read("SELECT state FROM license WHERE id = $1", [licenseId])).toEqual([{ state: after }]);
  },
);

test.each([
  ["HELD", 1],
  ["HELD", 3],
  ["REFUSED", 3],
] as const)(
  "an app that another deployment has installed stays when a claim for it nobody wants any more is %s (attempt %s)",
  async (license, attempt) => {
    const serial = `KEPT-${license}-${attempt}`;
    const deviceId = await world.device(serial);
    const licenseId = await world.license(deviceId, serial);
    const claim =
      license === "HELD" ? licenseId : await world.license(await world.device(`${serial}-2`), `${serial}-2`);
    if (license !== "HELD")
      await world.read(
        "UPDATE license SET state = 'REFUSED', ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple' WHERE id = $1",
        [claim],
      );
    await world.installation({
      deploymentId: (await world.deployment()).id,
      deviceId,
      licenseId,
      state: InstallationState.INSTALLED,
    });
    const id = await world.installation({
      deploymentId: (await world.deployment()).id,
      deviceId,
      licenseId: claim,
      attempt,
      state: InstallationState.CLAIMING,
      want: InstallationWant.ABSENT,
    });
    await advanceInstallations(world.core, { tokenId: world.tokenId });
    expect(await world.seen(id)).toMatchObject({ state: "SUPERSEDED", reason: "KEPT_BY_INSTALL", licenseId: null });
    expect(await world.read("SELECT state FROM license WHERE id = $1", [licenseId])).toEqual([{ state: "HELD" }]);
  },
);

test.each(["is refused its licence", "has it taken back"])(
  "an uninstall that was put off for another deployment goes on when that one %s",
  async (how) => {
    const { core, tokenId } = world;
    const serial = `PUT-OFF-${how}`;
    const deviceId = await world.device(serial);
    const licenseId = await world.license(deviceId, serial);
    const refused = how === "is refused its licence";
    const state = refused ? InstallationState.CLAIMING : InstallationState.INSTALLED;
    await world.installation({ deploymentId: (await world.deployment()).id, deviceId, licenseId, state });
    const uninstall = await world.deployment(DeploymentAction.UNINSTALL);
    const collectionId = uninstall.collectionId ?? "";
    await world.read("INSERT INTO collection_member (collection_id, device_id) VALUES ($1, $2)", [
      collectionId,
      deviceId,
    ]);
    await refreshMembers(core, { collectionId });
    const seen = async () =>
      (await world.read<object>("SELECT state, reason FROM installation WHERE deployment_id = $1", [uninstall.id]))[0];
    expect(await seen()).toEqual({ state: "SUPERSEDED", reason: "KEPT_BY_INSTALL" });

    await world.read("DELETE FROM graphile_worker._private_jobs");
    if (refused) {
      await world.read(
        "UPDATE license SET state = 'REFUSED', ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple' WHERE id = $1",
        [licenseId],
      );
      await advanceInstallations(core, { tokenId });
    } else {
      const reclaim = { licenses: [{ tokenId, id: licenseId }], dryRun: false, evenIfWanted: true, actor: "admin" };
      await core.dataSource.transaction((tx) => reclaimLicenses(tx, core, reclaim));
    }
    expect(await world.jobs("refresh-members")).toHaveLength(1);
    await refreshMembers(core, { collectionId });
    expect(await seen()).toEqual({ state: "REMOVING", reason: null });
  },
);

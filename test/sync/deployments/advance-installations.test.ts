import { afterAll, beforeAll, expect, test } from "vitest";
import { InstallationState, InstallationWant } from "../../../src/entities/installation.js";
import { advanceInstallations } from "../../../src/sync/deployments/advance-installations.js";
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

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Deployment, DeploymentLicensing } from "../../../src/entities/deployment.js";
import { InstallationReason as R, InstallationState as S } from "../../../src/entities/installation.js";
import { licensingFacts } from "../../../src/sync/deployments/licensing-facts.js";
import { tryHinderedAgain } from "../../../src/sync/deployments/try-hindered-again.js";
import { createPeopleWorld, type PeopleWorld } from "./people-world.js";
import { addTokens, holds, installedBy } from "./second-token.js";

/** One need has one licence, whichever tokens there are: what a device or its person holds of another token counts. */

let world: PeopleWorld;
let deployment: Deployment;
let other: string;
let ann: string;
let phone: string;
beforeEach(async () => {
  world = await createPeopleWorld();
  deployment = await world.deployment();
  [other = ""] = await addTokens(world, 1);
  ann = await world.person("ann");
  phone = await world.device("PHONE");
  await world.giveTo(phone, ann);
});
afterEach(() => world.stop());

async function licensing(kind: DeploymentLicensing): Promise<void> {
  await world.read("UPDATE deployment SET licensing = $1", [kind]);
}

async function servedElsewhere(): Promise<boolean | undefined> {
  const id = await world.installation({
    deploymentId: deployment.id,
    deviceId: phone,
    userId: ann,
    state: S.REQUESTED,
  });
  const storeApp = { tokenId: world.tokenId, id: world.storeAppId };
  const [facts] = await world.core.dataSource.transaction((tx) => licensingFacts(tx, storeApp, [id]));
  return facts?.servedElsewhere;
}

describe("a licence of another token", () => {
  test.each([DeploymentLicensing.DEVICE, DeploymentLicensing.USER])(
    "that the device holds without an install serves it, with licensing %s",
    async (kind) => {
      await licensing(kind);
      await holds(world, { tokenId: other, deviceId: phone });
      expect(await servedElsewhere()).toBe(true);
    },
  );

  test("that has ended serves nobody", async () => {
    await holds(world, { tokenId: other, deviceId: phone });
    await world.read("UPDATE license SET state = 'ENDED', ended_at = now(), end_cause = 'MANUAL', end_actor = 'test'");
    expect(await servedElsewhere()).toBe(false);
  });

  test("of another app serves nobody", async () => {
    await holds(world, { tokenId: other, deviceId: phone });
    await world.read("UPDATE store_app SET adam_id = '1' WHERE token_id = $1", [other]);
    expect(await servedElsewhere()).toBe(false);
  });

  test.each([
    [DeploymentLicensing.USER, true],
    [DeploymentLicensing.DEVICE, false],
  ])("that the person was given counts with licensing %s: %j", async (kind, counts) => {
    await licensing(kind);
    await holds(world, { tokenId: other, userId: ann });
    expect(await servedElsewhere()).toBe(counts);
  });

  test("that serves another device of the person is that device's", async () => {
    await licensing(DeploymentLicensing.USER);
    const licenseId = await holds(world, { tokenId: other, userId: ann });
    const deviceId = await world.device("TABLET");
    await installedBy(world, { tokenId: other, deploymentId: deployment.id, deviceId, licenseId });
    expect(await servedElsewhere()).toBe(false);
  });

  test("stands in nobody's way who has one of this token, too", async () => {
    await holds(world, { tokenId: other, deviceId: phone });
    await holds(world, { tokenId: world.tokenId, deviceId: phone });
    expect(await servedElsewhere()).toBe(false);
  });
});

test.each([DeploymentLicensing.DEVICE, DeploymentLicensing.USER])(
  "Who could not be licensed for one is not tried again while it is held, with licensing %s",
  async (kind) => {
    await licensing(kind);
    await holds(world, {
      tokenId: other,
      ...(kind === DeploymentLicensing.USER ? { userId: ann } : { deviceId: phone }),
    });
    const id = await world.installation({
      deploymentId: deployment.id,
      deviceId: phone,
      userId: ann,
      state: S.NOT_APPLICABLE,
      reason: R.SERVED_BY_OTHER_TOKEN,
    });
    const look = () => world.core.dataSource.transaction((tx) => tryHinderedAgain(tx, world.core, world.tokenId));
    await look();
    expect(await world.seen(id)).toMatchObject({ state: S.NOT_APPLICABLE });
    await world.read("UPDATE license SET state = 'ENDED', ended_at = now(), end_cause = 'MANUAL', end_actor = 'test'");
    await look();
    expect(await world.seen(id)).toMatchObject({ state: S.REQUESTED });
  },
);

import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Installation,
  InstallationReason as R,
  InstallationState as S,
} from "../../../src/entities/installation.js";
import { tryHinderedAgain } from "../../../src/sync/deployments/try-hindered-again.js";
import { wakeOtherTokens } from "../../../src/sync/deployments/wake-other-tokens.js";
import { createPeopleWorld, type PeopleWorld } from "./people-world.js";
import { addTokens, holds, installedBy } from "./second-token.js";

let world: PeopleWorld;
let deploymentId: string;
let ann: string;
beforeEach(async () => {
  world = await createPeopleWorld();
  ({ id: deploymentId } = await world.userDeployment());
  ann = await world.person("ann");
});
afterEach(() => world.stop());

async function onDevice(serial: string, fields: Partial<Installation>): Promise<string> {
  const deviceId = await world.device(serial);
  await world.giveTo(deviceId, ann);
  return world.installation({ deploymentId, deviceId, userId: ann, ...fields });
}

const look = () => world.core.dataSource.transaction((tx) => tryHinderedAgain(tx, world.core, world.tokenId));

test("As many devices beyond the five are tried again as have become free, those who have waited longest first", async () => {
  const licenseId = await world.licenseOf(ann);
  const using: string[] = [];
  for (let n = 0; n < 5; n++) using.push(await onDevice(`USING${n}`, { state: S.INSTALLED, licenseId }));
  const hindered: string[] = [];
  for (let n = 0; n < 3; n++) {
    const queuedAt = new Date(Date.now() - (3 - n) * 1_000);
    hindered.push(await onDevice(`MORE${n}`, { state: S.NOT_APPLICABLE, reason: R.DEVICE_LIMIT, queuedAt }));
  }
  const states = async () => Promise.all(hindered.map(async (id) => (await world.seen(id)).state));
  await look();
  expect(await states()).toEqual([S.NOT_APPLICABLE, S.NOT_APPLICABLE, S.NOT_APPLICABLE]);

  await world.read("UPDATE installation SET state = 'REMOVED', license_id = NULL WHERE id = ANY($1)", [
    using.slice(0, 2),
  ]);
  await look();
  expect(await states()).toEqual([S.REQUESTED, S.REQUESTED, S.NOT_APPLICABLE]);
  await look();
  expect(await states()).toEqual([S.REQUESTED, S.REQUESTED, S.NOT_APPLICABLE]);
});

test("A device that was lost is none of the five any more", async () => {
  const licenseId = await world.licenseOf(ann);
  for (let n = 0; n < 5; n++) await onDevice(`USING${n}`, { state: S.INSTALLED, licenseId });
  const hindered = await onDevice("MORE", { state: S.NOT_APPLICABLE, reason: R.DEVICE_LIMIT });
  await world.read("UPDATE device SET state = 'WIPED' WHERE serial = 'USING0'");
  await look();
  expect(await world.seen(hindered)).toMatchObject({ state: S.REQUESTED, reason: null });
});

test("Who had left is tried again when they are back, and not before", async () => {
  const id = await onDevice("AAA", { state: S.NOT_APPLICABLE, reason: R.USER_LEFT });
  await world.read(`UPDATE "user" SET left_at = now()`);
  await look();
  expect(await world.seen(id)).toMatchObject({ state: S.NOT_APPLICABLE });
  await world.read(`UPDATE "user" SET left_at = NULL`);
  await look();
  expect(await world.seen(id)).toMatchObject({ state: S.REQUESTED });
});

test("A registration that Apple refused stays for a person to mend", async () => {
  const id = await onDevice("AAA", { state: S.NOT_APPLICABLE, reason: R.REGISTRATION_REFUSED });
  await look();
  expect(await world.seen(id)).toMatchObject({ state: S.NOT_APPLICABLE });
});

test("What another token serves is tried again when its licence has ended, and its token's ends ask for the look", async () => {
  const id = await onDevice("AAA", { state: S.NOT_APPLICABLE, reason: R.SERVED_BY_OTHER_TOKEN });
  const other = await serveByOtherToken((await world.seen(id)).deviceId ?? "");
  await look();
  expect(await world.seen(id)).toMatchObject({ state: S.NOT_APPLICABLE });
  await world.read(
    "UPDATE license SET state = 'ENDED', ended_at = now(), end_cause = 'EXTERNAL', end_actor = 'apple' WHERE token_id = $1",
    [other],
  );
  await world.core.dataSource.transaction((tx) => wakeOtherTokens(tx, other));
  expect(await world.jobs("license-installations")).toHaveLength(1);
  await look();
  expect(await world.seen(id)).toMatchObject({ state: S.REQUESTED });
});

/** The device has the same product by a licence of a second token. @returns that token. */
async function serveByOtherToken(deviceId: string): Promise<string> {
  const [tokenId = ""] = await addTokens(world, 1);
  const licenseId = await holds(world, { tokenId, deviceId });
  await installedBy(world, { tokenId, deploymentId, deviceId, licenseId });
  return tokenId;
}

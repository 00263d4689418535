import { afterEach, beforeEach, expect, test } from "vitest";
import { InstallationReason as R, InstallationState as S } from "../../../src/entities/installation.js";
import { ExplainReads } from "../../../src/queries/explain/explain-reads.js";
import { createPeopleWorld, type PeopleWorld } from "../../sync/deployments/people-world.js";
import { addTokens, holds, installedBy } from "../../sync/deployments/second-token.js";

let world: PeopleWorld;
let deploymentId: string;
let first: string;
let second: string;
let ann: string;
let phone: string;
beforeEach(async () => {
  world = await createPeopleWorld();
  ({ id: deploymentId } = await world.userDeployment());
  [first = "", second = ""] = await addTokens(world, 2);
  ann = await world.person("ann");
  phone = await world.device("PHONE");
});
afterEach(() => world.stop());

async function otherToken(): Promise<string | null> {
  const refused = { state: S.NOT_APPLICABLE, reason: R.SERVED_BY_OTHER_TOKEN };
  const id = await world.installation({ deploymentId, deviceId: phone, userId: ann, ...refused });
  const { dataSource, clock } = world.core;
  return new ExplainReads({ db: dataSource, teams: null }, clock.now()).otherToken.load(await world.seen(id));
}

async function nameOf(tokenId: string): Promise<string | undefined> {
  return (await world.read<{ name: string }>("SELECT name FROM token WHERE id = $1", [tokenId]))[0]?.name;
}

test("The other token is named whose licence the device was given, or its person", async () => {
  await holds(world, { tokenId: first, userId: ann });
  expect(await otherToken()).toBe(await nameOf(first));
});

test("Of two other tokens that is named by whose licence the app is there", async () => {
  await holds(world, { tokenId: first, deviceId: phone });
  const licenseId = await holds(world, { tokenId: second, userId: ann });
  await installedBy(world, { tokenId: second, deploymentId, deviceId: phone, licenseId });
  expect(await otherToken()).toBe(await nameOf(second));
});

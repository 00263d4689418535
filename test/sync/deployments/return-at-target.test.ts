import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DeploymentLicensing } from "../../../src/entities/deployment.js";
import { HolderAlias } from "../../../src/entities/holder-alias.js";
import { InstallationWant, InstallationState as S } from "../../../src/entities/installation.js";
import { User } from "../../../src/entities/user.js";
import { PluginError, type TargetLicenseHolder } from "../../../src/plugins/contract.js";
import { returnAtTarget } from "../../../src/sync/deployments/return-at-target.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { ago, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

const EXPIRED = "Its token has expired.";

let world: DeploymentWorld;
/** What the product was asked to take back, call by call. */
let asked: { adamId: string; holders: readonly TargetLicenseHolder[] }[];
/** Why it does not, by app. */
let refusals: Record<string, PluginError>;
beforeEach(async () => {
  world = await createDeploymentWorld("target");
  asked = [];
  refusals = {};
  world.connection.licenses = {
    revoke: async (_token: string, adamId: string, holders: readonly TargetLicenseHolder[]) => {
      asked.push({ adamId, holders });
      if (refusals[adamId]) throw refusals[adamId];
    },
  } as never;
});
afterEach(() => world.stop());

const giveBack = () => returnAtTarget(world.core, { targetId: world.targetId });

interface Wish {
  readonly deviceId: string;
  readonly userId?: string;
  readonly storeAppId?: string;
  readonly state?: S;
  readonly stateAt?: Date;
  readonly deadlineAt?: Date;
}

async function installation({ state = S.RETURNING, storeAppId = world.storeAppId, ...values }: Wish): Promise<string> {
  const licensing = values.userId ? DeploymentLicensing.USER : DeploymentLicensing.DEVICE;
  const { id: deploymentId } = await world.deployment(undefined, { storeAppId, licensing });
  return world.installation({ deploymentId, want: InstallationWant.ABSENT, state, storeAppId, ...values });
}

/** Somebody whom the target knows by that name. */
async function person(externalId: string): Promise<string> {
  const { manager } = world.core.dataSource;
  const id = world.core.clock.uuid();
  await manager.insert(User, { id, displayName: externalId, addedAt: world.core.clock.now() });
  await manager.insert(HolderAlias, { targetId: world.targetId, externalId, userId: id });
  return id;
}

const stateOf = async (id: string) => (await world.seen(id)).state;

test("licences that the product is still taking back are asked about again, for an hour, and the target is not left alone", async () => {
  const id = await installation({ deviceId: await world.device("AAA") });
  let finished = false;
  world.connection.licenses = { revoke: async () => ({ finished }) } as never;
  await giveBack();
  expect(await stateOf(id)).toBe(S.RETURNING);
  expect(await world.jobs("return-at-target")).toHaveLength(1);
  expect(await world.read("SELECT FROM target WHERE failures > 0")).toEqual([]);
  finished = true;
  await giveBack();
  expect(await stateOf(id)).toBe(S.REMOVED);

  finished = false;
  const old = await installation({ deviceId: await world.device("BBB"), stateAt: ago(world.core, 3_600_000) });
  const young = await installation({ deviceId: await world.device("CCC") });
  await giveBack();
  expect(await stateOf(old)).toBe(S.REMOVED);
  expect(await stateOf(young)).toBe(S.RETURNING);
  expect(await world.jobs("return-at-target")).toHaveLength(1);
});

describe("an app whose licences the product does not take back", () => {
  let bad: string;
  let good: string;
  beforeEach(async () => {
    bad = await installation({ deviceId: await world.device("BAD"), stateAt: ago(world.core, 1_000) });
    const storeAppId = await world.app("9000");
    good = await installation({ deviceId: await world.device("GOOD"), storeAppId });
  });

  test.each([
    ["a no", new PluginError("rejected", EXPIRED)],
    ["a failure", new PluginError("transient", "Not just now.")],
  ])("by %s, holds up no other app", async (_, refusal) => {
    refusals = { "361309726": refusal };
    await giveBack();
    expect(await stateOf(good)).toBe(S.REMOVED);
    expect(await stateOf(bad)).toBe(S.RETURNING);
    expect(await world.jobs("return-at-target")).toHaveLength(1);
    refusals = {};
    await giveBack();
    expect(await stateOf(bad)).toBe(S.REMOVED);
  });

  test("is asked about again after as long again as it has waited, and no sweep comes before", async () => {
    const day = 86_400_000;
    await world.read("UPDATE installation SET state_at = $1 WHERE id = $2", [ago(world.core, day), bad]);
    refusals = { "361309726": new PluginError("rejected", EXPIRED) };
    const hourMs = world.core.clock.scaled(3_600_000);
    const earliest = Date.now() + hourMs;
    await giveBack();
    const latest = Date.now() + hourMs;
    const [job, ...more] = await world.jobs("return-at-target");
    expect(more).toEqual([]);
    expect(job?.run_at.getTime()).toBeGreaterThanOrEqual(earliest);
    expect(job?.run_at.getTime()).toBeLessThanOrEqual(latest);
    await sweep(world.core);
    expect(await world.jobs("return-at-target")).toEqual([job]);
  });

  test("keeps the others waiting only while the whole target is left alone", async () => {
    refusals = { "361309726": new PluginError("config", "The key is wrong.") };
    await giveBack();
    expect(asked).toHaveLength(1);
    expect(await stateOf(good)).toBe(S.RETURNING);
    expect(await world.jobs("return-at-target")).toHaveLength(1);
  });
});

test("A user and a device of one name are two holders", async () => {
  const deviceId = await world.device("AAA");
  await world.read("UPDATE holder_alias SET external_id = '7' WHERE device_id = $1", [deviceId]);
  await installation({ deviceId });
  await installation({ deviceId: await world.device("BBB"), userId: await person("7") });
  await giveBack();
  expect(asked).toHaveLength(1);
  expect(asked[0]?.holders).toHaveLength(2);
  expect(asked[0]?.holders).toEqual(
    expect.arrayContaining([
      { kind: "device", externalId: "7" },
      { kind: "user", externalId: "7" },
    ]),
  );
});

/** So many devices more that give back the licence of the same app. */
async function more(installation: string, count: number): Promise<void> {
  await world.read(
    `WITH devices AS (
       INSERT INTO device (id, serial, added_at)
       SELECT gen_random_uuid(), 'S' || n, now() FROM generate_series(1, $3) AS n RETURNING id, serial
     ), aliases AS (
       INSERT INTO holder_alias (target_id, external_id, device_id) SELECT $2, serial, id FROM devices
     )
     INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, want, state, state_at, queued_at, created_at)
     SELECT i.token_id, i.store_app_id, i.deployment_id, i.target_id, devices.id, i.want, i.state, now(), now(), now()
     FROM installation i, devices WHERE i.id = $1`,
    [installation, world.targetId, count],
  );
}

test("The product is told of five hundred holders a call at most", async () => {
  await more(await installation({ deviceId: await world.device("AAA") }), 500);
  await giveBack();
  expect(asked.map(({ holders }) => holders.length)).toEqual([500, 1]);
  expect(await world.read("SELECT DISTINCT state FROM installation")).toEqual([{ state: S.REMOVED }]);
});

test("However many licences return, five thousand are read at once, and those that the product refuses are asked about once", async () => {
  await more(await installation({ deviceId: await world.device("AAA") }), 5_000);
  refusals = { "361309726": new PluginError("rejected", EXPIRED) };
  const query = vi.spyOn(world.core.dataSource, "query");
  await giveBack();
  const answers: unknown[] = await Promise.all(query.mock.results.map(({ value }) => value));
  query.mockRestore();
  expect(Math.max(...answers.map((rows) => (Array.isArray(rows) ? rows.length : 0)))).toBe(5_000);
  expect(asked.reduce((sum, { holders }) => sum + holders.length, 0)).toBe(5_001);
});

describe("a person's licence", () => {
  test.each<[S, boolean]>([
    [S.LICENSED, false],
    [S.INSTALLED, false],
    [S.REMOVAL_FAILED, false],
    [S.FAILED, false],
    [S.REMOVED, true],
  ])("with another device of theirs %s is returned: %j", async (state, returned) => {
    const userId = await person("ann");
    const id = await installation({ deviceId: await world.device("AAA"), userId });
    const deadlineAt = new Date(Date.now() + 3_600_000);
    await installation({ deviceId: await world.device("BBB"), userId, state, deadlineAt });
    await giveBack();
    expect(await stateOf(id)).toBe(returned ? S.REMOVED : S.RETURNING);
    expect(asked).toHaveLength(returned ? 1 : 0);
  });

  test("is returned where nothing more is expected of a device that has failed", async () => {
    const userId = await person("ann");
    const id = await installation({ deviceId: await world.device("AAA"), userId });
    await installation({ deviceId: await world.device("BBB"), userId, state: S.FAILED });
    await giveBack();
    expect(await stateOf(id)).toBe(S.REMOVED);
  });
});

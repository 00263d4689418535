import assert from "node:assert/strict";
import type { AppRef, Step, StepOutcome, TargetConnection } from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import type { EnrolledDevice } from "../fake-product.js";
import { follow } from "../follow.js";
import { APP, type Scene } from "../scene.js";
import { applySteps, appOf, makeStep, type Told } from "../steps.js";

/** More than any product takes in one request. */
const MANY = 45;

/** How often a Step may be put off while nothing is wrong. */
const PUT_OFF_AT_MOST = 3;

export const installChecks: readonly Check[] = [
  {
    title: "installs an app, sees it on the device, removes it, and sees it gone",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      for (const hasUser of [false, true]) {
        const device = await scene.enroll({ hasUser });
        await bring(scene, connection, device, app, "install", hasUser ? "user" : "device");
        await bring(scene, connection, device, app, "remove", hasUser ? "user" : "device");
        await bring(scene, connection, device, app, "install", hasUser ? "user" : "device");
      }
    },
  },
  {
    title: "takes the Steps of many devices at once, each with an outcome of its own",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const devices: EnrolledDevice[] = [];
      for (let count = 0; count < MANY; count += 1) devices.push(await scene.enroll());
      const told = await tell(scene, connection, devices, app);
      const ends = await follow(scene, connection, told);
      const missing = told.filter(({ step }) => ends.get(step.key)?.state !== "installed");
      assert.equal(missing.length, 0, `${missing.length} of ${MANY} installs did not come to their end.`);
    },
  },
  {
    title: "gives the same outcome for the same key, and installs once",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll();
      const step = makeStep(device, app);
      const first = (await applySteps(scene, connection, [step])).get(step.key);
      const again = (await applySteps(scene, connection, [step])).get(step.key);
      const other = (await applySteps(scene, await scene.connect(), [step])).get(step.key);
      assert.deepEqual(again, first, "The same Step, told again, had another outcome.");
      assert.deepEqual(other, first, "The same Step, told by another process, had another outcome.");
      await assertOneOrder(scene, device);
      const ends = await follow(scene, connection, [{ step, outcome: first }]);
      assert.equal(ends.get(step.key)?.state, "installed");
      await applySteps(scene, connection, [step]);
      await scene.product.checkIn();
      await assertOneOrder(scene, device);
    },
  },
  {
    title: "knows a Step again in other company, and loses nobody who is new in it",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const devices = [await scene.enroll(), await scene.enroll(), await scene.enroll(), await scene.enroll()];
      const steps = devices.map((device) => makeStep(device, app));
      // As when answers were lost, and meanwhile one Step has joined the others and one has gone for a while.
      await applySteps(scene, connection, steps.slice(0, 3));
      await applySteps(scene, connection, steps.slice(1));
      const outcomes = await applySteps(scene, connection, [...steps].reverse());
      const told = steps.map((step): Told => ({ step, outcome: outcomes.get(step.key) }));
      const ends = await follow(scene, connection, told);
      for (const { step } of told) {
        const end = JSON.stringify(ends.get(step.key));
        assert.equal(ends.get(step.key)?.state, "installed", `A Step told again among others did not end well: ${end}`);
      }
      for (const device of devices) await assertOneOrder(scene, device);
    },
  },
  {
    title: "finds that nothing is to be done where the app is installed or gone already",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll();
      await bring(scene, connection, device, app, "remove", "device");
      await bring(scene, connection, device, app, "install", "device");
      await bring(scene, connection, device, app, "install", "device");
    },
  },
  {
    title: "fails the Step of a device that refuses or is unknown, and no other with it",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const good = [await scene.enroll(), await scene.enroll()];
      const refusing = await scene.enroll({ refuses: true });
      const unknown = {
        externalId: "00000000-dead-4bad-8bad-000000000000",
        serial: "NOSUCHDEVICE",
        userExternalId: null,
      };
      const told = await tell(scene, connection, [...good.slice(0, 1), unknown, refusing, ...good.slice(1)], app);
      const ends = await follow(scene, connection, told);
      const stateOf = ({ externalId }: EnrolledDevice) => {
        const one = told.find(({ step }) => step.device.externalId === externalId);
        return one && ends.get(one.step.key);
      };
      for (const device of good)
        assert.equal(stateOf(device)?.state, "installed", "A good device suffered from a bad one.");
      const refusal = stateOf(refusing);
      assert.equal(refusal?.state, "failed", "The install on a device that refuses it has to end as `failed`.");
      assert.notEqual(refusal?.failure?.code, "DEVICE_UNKNOWN", "A device that refuses is not unknown.");
      const state = stateOf(unknown)?.state;
      assert.ok(state !== "installed" && state !== "removed", `A device that the product does not know is "${state}".`);
    },
  },
  {
    title: "gives the Step of an app that the product does not know an outcome of its own, and spoils no other",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const good = [await scene.enroll(), await scene.enroll()];
      // As when somebody has deleted at the product what was made there.
      const gone = { ...app, adamId: "1999999999", bundleId: null, applicationHandle: app.applicationHandle && "gone" };
      const steps = [await scene.enroll(), ...good].map((device, at) => makeStep(device, at === 0 ? gone : app));
      const outcomes = await applySteps(scene, connection, steps);
      const told = steps.slice(1).map((step): Told => ({ step, outcome: outcomes.get(step.key) }));
      const ends = await follow(scene, connection, told);
      for (const { step } of told) {
        const state = ends.get(step.key)?.state;
        assert.equal(state, "installed", `A good app suffered from one that is unknown: its Step is "${state}".`);
      }
    },
  },
  {
    title: "makes the app object once",
    concerns: ({ abilities }) => abilities.applications,
    play: async (scene) => {
      const first = await appOf(scene, await scene.connect());
      const second = await appOf(scene, await scene.connect());
      assert.equal(second.applicationHandle, first.applicationHandle, "The second time another app object was made.");
    },
  },
];

/** Tells the plugin to install the app on these devices. */
export async function tell(
  scene: Scene,
  connection: TargetConnection,
  devices: readonly EnrolledDevice[],
  app: AppRef,
): Promise<Told[]> {
  const steps = devices.map((device) => makeStep(device, app));
  const outcomes = await applySteps(scene, connection, steps);
  return steps.map((step) => ({ step, outcome: outcomes.get(step.key) }));
}

/** Installs or removes the app on one device, to the end. @returns what was told of it. */
export async function bring(
  scene: Scene,
  connection: TargetConnection,
  device: EnrolledDevice,
  app: AppRef,
  action: "install" | "remove",
  licensing: "user" | "device" = "device",
): Promise<Told & { outcome: StepOutcome | undefined; observedAt: Date }> {
  const step = makeStep(device, app, { action, licensing });
  const outcome = await applyUntilTaken(scene, connection, step);
  const end = (await follow(scene, connection, [{ step, outcome }])).get(step.key);
  const wanted = action === "install" ? "installed" : "removed";
  const had = await scene.product.hasApp(device.externalId, APP.adamId);
  assert.equal(had, action === "install", `The device ${had ? "has" : "does not have"} the app after \`${action}\`.`);
  assert.equal(
    end?.state,
    wanted,
    `The plugin has to see the app ${wanted}; its last word was ${JSON.stringify(end)}.`,
  );
  return { step, outcome, observedAt: end?.observedAt ?? new Date(0) };
}

/** Asks again for a Step that is put off, as the core does, but without its pauses. */
async function applyUntilTaken(
  scene: Scene,
  connection: TargetConnection,
  step: Step,
): Promise<StepOutcome | undefined> {
  for (let round = 0; ; round += 1) {
    const outcome = (await applySteps(scene, connection, [step])).get(step.key);
    if (outcome?.outcome !== "deferred" || round === PUT_OFF_AT_MOST) return outcome;
    await scene.product.checkIn();
  }
}

export async function assertOneOrder(scene: Scene, { externalId }: EnrolledDevice): Promise<void> {
  const orders = await scene.product.installOrders(externalId, APP.adamId);
  assert.equal(orders, 1, `One install was wanted, and ${orders} were ordered.`);
}

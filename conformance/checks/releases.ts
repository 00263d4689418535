import assert from "node:assert/strict";
import type { AppRef, Plugin, Step, TargetConnection } from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import type { EnrolledDevice } from "../fake-product.js";
import { follow } from "../follow.js";
import { APP, type Scene } from "../scene.js";
import { applySteps, appOf, makeStep } from "../steps.js";
import { bring } from "./installs.js";

const NAME = "Conformance collection";

const releases = ({ abilities }: Plugin) => abilities.releases === true;
const addressesCollections = ({ licenseAuthority, abilities }: Plugin) =>
  licenseAuthority === "target" && abilities.lists.includes("collection");

export const releaseChecks: readonly Check[] = [
  {
    title: "ends what stands for a collection, so that who joins it gets nothing and who keeps the app has it",
    concerns: (plugin) => releases(plugin) && addressesCollections(plugin),
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const keepers = [await scene.enroll(), await scene.enroll()];
      const collection = await makeCollection(scene, keepers);
      await installOn(scene, connection, keepers, app, collection);
      await installOn(scene, connection, keepers, app, null);
      await releaseTwice(scene, app, collection);
      const newcomer = await scene.enroll();
      await scene.product.joinCollection?.(collection.externalId, newcomer.externalId);
      await scene.product.checkIn();
      const has = ({ externalId }: EnrolledDevice) => scene.product.hasApp(externalId, APP.adamId);
      assert.equal(await has(newcomer), false, "Who joins the collection after its release still gets the app.");
      for (const keeper of keepers) {
        assert.equal(await has(keeper), true, "The release took the app from a device that was told alone to keep it.");
      }
    },
  },
  {
    title: "ends what it has set up for devices alone, also when there is nothing, and begins anew after that",
    concerns: releases,
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      await releaseTwice(scene, app, null);
      const device = await scene.enroll();
      for (let time = 0; time < 2; time += 1) {
        await bring(scene, connection, device, app, "install");
        await bring(scene, connection, device, app, "remove");
        await releaseTwice(scene, app, null);
      }
    },
  },
];

type Collection = NonNullable<Step["collection"]>;

async function makeCollection({ product }: Scene, members: readonly EnrolledDevice[]): Promise<Collection> {
  const ids = members.map(({ externalId }) => externalId);
  const made = await product.addCollection?.(NAME, "device", ids);
  assert.ok(made, "The plugin lists collections, so its fake product needs `addCollection`.");
  assert.ok(product.joinCollection, "The plugin releases collections, so its fake product needs `joinCollection`.");
  return { externalId: made.externalId, name: NAME };
}

async function installOn(
  scene: Scene,
  connection: TargetConnection,
  devices: readonly EnrolledDevice[],
  app: AppRef,
  collection: Step["collection"],
): Promise<void> {
  const steps = devices.map((device) => makeStep(device, app, { collection }));
  const outcomes = await applySteps(scene, connection, steps);
  const ends = await follow(
    scene,
    connection,
    steps.map((step) => ({ step, outcome: outcomes.get(step.key) })),
  );
  for (const { key } of steps) assert.equal(ends.get(key)?.state, "installed");
}

/** The second time by another process. */
async function releaseTwice(scene: Scene, app: AppRef, collection: Step["collection"]): Promise<void> {
  for (let time = 0; time < 2; time += 1) {
    const connection = await scene.connect();
    await scene.call("release", async (signal) => connection.release?.({ app, collection, others: [] }, signal));
  }
}

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TargetConnection } from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import { follow, pollFor } from "../follow.js";
import { APP, type Scene } from "../scene.js";
import { appOf, handleOf, type Told, wantedBy } from "../steps.js";
import { bring, tell } from "./installs.js";

const SECOND_MS = 1000;

const UNKNOWN = ["no-such-handle", "{}", '{"adamId":"1"}', "a/b/c", "0"];

export const statusChecks: readonly Check[] = [
  {
    title: "leaves a handle that it does not know out of its answer",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const [told] = await tell(scene, connection, [await scene.enroll()], app);
      const handle = handleOf(told?.outcome);
      await scene.product.checkIn();
      const alone = await pollFor(scene, connection, [handle]);
      const found = await pollFor(scene, connection, [...UNKNOWN, `${handle}x`, handle]);
      const ofIt = found.statuses.filter((status) => status.handle === handle);
      assert.deepEqual(
        ofIt.map(({ state }) => state),
        alone.statuses.map(({ state }) => state),
      );
      const strangers = found.statuses.filter(({ handle: of, state }) => of !== handle && state !== "unknown");
      assert.deepEqual(strangers, [], "It knows what became of handles that nobody was given.");
    },
  },
  {
    title: "says nothing newer of an install once the app was removed",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll();
      const installed = await bring(scene, connection, device, app, "install");
      await sleep(5);
      const removed = await bring(scene, connection, device, app, "remove");
      if (installed.outcome?.outcome !== "accepted") return;
      const { statuses } = await pollFor(scene, connection, [installed.outcome.handle]);
      const stale = statuses.filter(
        ({ state, observedAt }) => state === "installed" && observedAt > removed.observedAt,
      );
      assert.deepEqual(stale, [], "An app that was removed is seen as installed, and later than its removal.");
    },
  },
  {
    title: "sees that an app is gone which it saw before, when its product does",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll();
      const { step, outcome, observedAt } = await bring(scene, connection, device, app, "install");
      await sleep(5);
      const since = new Date();
      await scene.product.removeByHand(device.externalId, APP.adamId);
      await scene.product.checkIn();
      if (outcome?.outcome !== "accepted") return;
      await sleep(5);
      const { statuses } = await pollFor(scene, connection, [outcome.handle]);
      for (const { state, observedAt: seenAt } of statuses.filter(({ device: of }) => of === step.device.externalId)) {
        if (state === "installed")
          assert.ok(seenAt <= since, "An app that is gone is seen as installed, after it went.");
        else assert.ok(seenAt >= observedAt, `It is "${state}" now, by an observation that is older than the install.`);
      }
    },
  },
  {
    title: "takes no failure from before a Step was decided for what became of it",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll({ refuses: true });
      const before = await tell(scene, connection, [device], app);
      await assertRefused(scene, connection, before);
      // Products that tell the time tell it in whole seconds, some of them.
      await sleep(SECOND_MS - (Date.now() % SECOND_MS));
      const told = await tell(scene, connection, [device], app);
      const since = told[0]?.step.decidedAt ?? new Date();
      const [handle] = told.flatMap(({ outcome }) => (outcome?.outcome === "accepted" ? [outcome.handle] : []));
      if (handle !== undefined) {
        const { statuses } = await pollFor(scene, connection, [handle]);
        const stale = statuses.filter(
          ({ state, observedAt }) => state === "failed" && startOf(observedAt) < startOf(since),
        );
        assert.deepEqual(stale, [], "A Step has failed by a report from before it was decided (`decidedAt`).");
      }
      await assertRefused(scene, connection, told);
    },
  },
  {
    title: "verifies what became of an earlier Step",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const device = await scene.enroll();
      const { step, outcome } = await bring(scene, connection, device, app, "install");
      if (outcome?.outcome !== "accepted") return;
      const verify = { ...step, key: `${step.key.slice(0, -3)}:v1`, action: "verify", handle: outcome.handle } as const;
      const [verified] = await scene.call("apply", (signal) => connection.apply([verify], signal));
      const ends = await follow(scene, connection, [{ step: verify, outcome: verified }]);
      assert.equal(ends.get(verify.key)?.state, wantedBy(step), "`verify` has to find the app that is there.");
      if (verified?.outcome === "accepted") assert.equal(verified.handle, outcome.handle, "`verify` keeps the handle.");
    },
  },
];

/** Follows Steps of a device that refuses every install. */
async function assertRefused(scene: Scene, connection: TargetConnection, told: readonly Told[]): Promise<void> {
  const ends = await follow(scene, connection, told);
  for (const { step } of told) {
    const end = ends.get(step.key);
    assert.equal(end?.state, "failed", `A device that refuses has to be told of as such: ${JSON.stringify(end)}`);
  }
}

/** The second in which it lies. */
function startOf(time: Date): number {
  return Math.floor(time.getTime() / SECOND_MS);
}

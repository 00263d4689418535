import assert from "node:assert/strict";
import type { Check } from "../check.js";
import { follow } from "../follow.js";
import { appOf, handleOf } from "../steps.js";
import { bring, tell } from "./installs.js";

export const concurrencyChecks: readonly Check[] = [
  {
    title: "serves several calls at the same time, each with its own answer",
    play: async (scene) => {
      const connection = await scene.connect();
      const app = await appOf(scene, connection);
      const earlier = [await scene.enroll(), await scene.enroll()];
      const handles = (await tell(scene, connection, earlier, app)).map(({ outcome }) => handleOf(outcome));
      const devices = [await scene.enroll(), await scene.enroll(), await scene.enroll()];
      await scene.product.checkIn();
      scene.inbox.take();
      const [told] = await Promise.all([
        tell(scene, connection, devices, app),
        scene.call("check", (signal) => connection.check(signal)),
        scene.call("check", (signal) => connection.check(signal)),
        ...scene.plugin.abilities.lists.map((kind) =>
          scene.call(kind, async (signal) => connection.listHolders?.(kind, null, signal)),
        ),
        ...handles.map(async (handle) => {
          const { statuses } = await scene.call("poll", (signal) => connection.poll([handle], signal));
          assert.deepEqual(
            statuses.filter((status) => status.handle !== handle),
            [],
            "One call got another's answer.",
          );
        }),
      ]);
      const ends = await follow(scene, connection, told);
      assert.deepEqual(
        told.map(({ step }) => ends.get(step.key)?.state),
        ["installed", "installed", "installed"],
      );
    },
  },
  {
    title: "can be closed, and leaves another connection at work",
    play: async (scene) => {
      const [closed, open] = [await scene.connect(), await scene.connect()];
      await scene.call("check", (signal) => closed.check(signal));
      await scene.close(closed);
      await bring(scene, open, await scene.enroll(), await appOf(scene, open), "install");
    },
  },
];

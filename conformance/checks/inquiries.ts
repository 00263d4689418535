import assert from "node:assert/strict";
import type { Check } from "../check.js";
import { readEvent } from "../follow.js";
import { makeInquiry } from "../steps.js";

export const inquiryChecks: readonly Check[] = [
  {
    title: "asks a device for its serial number, once for the same key, and tells the answer",
    concerns: ({ abilities }) => abilities.inquires === true,
    play: async (scene) => {
      const connection = await scene.connect();
      const device = await scene.enroll();
      const inquiry = makeInquiry(device);
      scene.inbox.take();
      for (let time = 0; time < 2; time += 1) {
        await scene.call("inquire", async (signal) => connection.inquire?.([inquiry], signal));
        await scene.product.checkIn();
      }
      const serials: unknown[] = [];
      for (const event of scene.inbox.take()) {
        const { devices } = await readEvent(scene, connection, event);
        for (const { externalId, serial } of devices)
          if (externalId === device.externalId && serial) serials.push(serial);
      }
      assert.deepEqual(
        serials,
        [device.serial],
        "The device has to be asked once, and its answer to be told with its serial number.",
      );
    },
  },
];

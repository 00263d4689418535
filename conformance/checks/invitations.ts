import assert from "node:assert/strict";
import type { Check } from "../check.js";
import { makeInvitation } from "../steps.js";

export const invitationChecks: readonly Check[] = [
  {
    title: "shows a person Apple's invitation, once for the same key",
    concerns: ({ abilities }) => abilities.invites === true,
    play: async (scene) => {
      const connection = await scene.connect();
      for (const hasUser of [true, false]) {
        const device = await scene.enroll({ hasUser });
        const invitation = makeInvitation(device);
        for (let time = 0; time < 2; time += 1) {
          await scene.call("invite", async (signal) => connection.invite?.([invitation], signal));
          await scene.product.checkIn();
        }
        const shown = await scene.product.invitationsShown?.(device.externalId);
        assert.ok(shown, "The plugin shows invitations, so its fake product needs `invitationsShown`.");
        assert.deepEqual([...shown], [invitation.url], "The invitation has to be shown once.");
      }
    },
  },
];

import assert from "node:assert/strict";
import type { WebhookRequest } from "../../src/plugins/contract.js";
import type { Check } from "../check.js";
import { follow, readEvent } from "../follow.js";
import type { Scene } from "../scene.js";
import { assertShape } from "../shapes.js";
import { appOf } from "../steps.js";
import { asSaved } from "../webhook-inbox.js";
import { assertOneOrder, tell } from "./installs.js";

/** Headers that any client sends, and that prove nothing. */
const ORDINARY: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-type",
  "content-length",
  "user-agent",
  "date",
  "accept",
  "accept-encoding",
  "accept-language",
  "transfer-encoding",
  "sec-fetch-mode",
]);

const calls = ({ abilities }: { abilities: { webhooks: readonly unknown[] } }) => abilities.webhooks.length > 0;

export const webhookChecks: readonly Check[] = [
  {
    title: "refuses a webhook that its product has not proved to be its own",
    concerns: calls,
    play: async (scene) => {
      const connection = await scene.connect();
      for (const event of await someEvents(scene)) {
        const { headers } = event;
        const forged = Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name,
            ORDINARY.has(name) ? value : `${[...value].reverse().join("")}A`,
          ]),
        );
        for (const [what, other] of [
          ["without headers", {}],
          ["with other proofs", forged],
        ] as const) {
          const ending = await scene.attempt("webhook.verify", async () =>
            connection.webhook?.verify({ ...event, headers: other }),
          );
          assert.deepEqual(ending, { ok: true, value: false }, `\`webhook.verify\` has to refuse an event ${what}.`);
        }
      }
    },
  },
  {
    title: "reads the same of the same webhook, however often, and no nonsense",
    concerns: calls,
    play: async (scene) => {
      const connection = await scene.connect();
      for (const event of await someEvents(scene)) {
        const first = await readEvent(scene, connection, event);
        const later = { ...event, receivedAt: new Date(event.receivedAt.getTime() + 60_000) };
        const again = await readEvent(scene, await scene.connect(), later);
        assert.deepEqual(again, first, "An event that comes twice has to tell the same.");
        const half = { ...event, body: event.body.subarray(0, event.body.length / 2) };
        for (const odd of [half, { ...event, body: new Uint8Array() }]) {
          const ending = await scene.attempt("webhook.read", async () => connection.webhook?.read(asSaved(odd)));
          if (ending.ok) assertShape("reading", ending.value);
        }
      }
    },
  },
  {
    title: "learns by webhook what became of a Step",
    concerns: ({ abilities }) => abilities.webhooks.includes("statuses"),
    play: async (scene) => {
      const connection = await scene.connect();
      let told = 0;
      for (const event of await someEvents(scene)) {
        const { statuses, followUps } = await readEvent(scene, connection, event);
        told += statuses.length + followUps.length;
      }
      assert.ok(told > 0, "No event told of a Step: leave `statuses` out of the webhooks of its abilities.");
    },
  },
  {
    title: "comes to the same end when each webhook comes twice, and late",
    concerns: ({ abilities }) => abilities.webhooks.includes("statuses"),
    play: (scene) => installWith(scene, (events) => [...events, ...events].reverse()),
  },
  {
    title: "comes to the same end when webhooks of the past come again",
    concerns: ({ abilities }) => abilities.webhooks.includes("statuses"),
    play: (scene) => {
      const past: WebhookRequest[] = [];
      return installWith(scene, (events) => {
        const told = [...events, ...past];
        // The oldest comes last.
        past.unshift(...events.toReversed());
        return told;
      });
    },
  },
  {
    title: "finds out by itself what a lost webhook would have told",
    concerns: ({ abilities }) => abilities.webhooks.includes("statuses"),
    play: (scene) => installWith(scene, (events, round) => (round < 2 ? [] : events)),
  },
];

async function someEvents(scene: Scene): Promise<WebhookRequest[]> {
  const connection = await scene.connect();
  const device = await scene.enroll({ hasUser: true });
  await tell(scene, connection, [device], await appOf(scene, connection));
  await scene.product.checkIn();
  const events = scene.inbox.take();
  assert.ok(events.length > 0, "The plugin declares webhooks, and its fake product has sent none.");
  return events;
}

async function installWith(
  scene: Scene,
  deliver: (events: readonly WebhookRequest[], round: number) => readonly WebhookRequest[],
): Promise<void> {
  const connection = await scene.connect();
  const device = await scene.enroll();
  const told = await tell(scene, connection, [device], await appOf(scene, connection));
  const ends = await follow(scene, connection, told, { deliver });
  for (const { step } of told) {
    const end = ends.get(step.key);
    assert.equal(end?.state, "installed", `The install has to end as such; the last word was ${JSON.stringify(end)}.`);
  }
  await assertOneOrder(scene, device);
}

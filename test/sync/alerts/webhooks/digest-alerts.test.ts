import { afterEach, beforeEach, expect, it } from "vitest";
import { AlertKind } from "../../../../src/entities/alert.js";
import { encodeGlobalId } from "../../../../src/entities/global-id.js";
import { addWebhookEndpoint } from "../../../../src/sync/alerts/webhooks/add-webhook-endpoint.js";
import { type Digest, toldOf } from "../../../../src/sync/alerts/webhooks/digest.js";
import { digestAlerts } from "../../../../src/sync/alerts/webhooks/digest-alerts.js";
import { sendWebhooks } from "../../../../src/sync/alerts/webhooks/send-webhooks.js";
import type { Core } from "../../../../src/sync/core.js";
import { clearAlerts, raiseAlerts } from "../../../../src/sync/raise-alerts.js";
import { startWebhookReceiver, type WebhookReceiver } from "../../../support/webhook-receiver.js";
import { createTargetWorld, type TargetWorld } from "../../targets/target-world.js";

const OFF = AlertKind.NOTIFICATIONS_OFF;

let world: TargetWorld;
let receiver: WebhookReceiver;
beforeEach(async () => {
  world = await createTargetWorld([]);
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  await world.stop();
  await receiver.stop();
});

/** A clock that goes on by a millisecond whenever it is looked at: no pause ends by itself. */
function slowly(core: Core): Core {
  let at = core.clock.now().getTime();
  const now = () => {
    at += 1;
    return new Date(at);
  };
  return { ...core, clock: { ...core.clock, now, scaled: (durationMs) => durationMs } };
}

function add(kinds: AlertKind[] = []): Promise<string> {
  const wanted = { url: receiver.url, kinds };
  return world.core.dataSource.transaction((tx) => addWebhookEndpoint(tx, world.core, wanted, "admin"));
}

const subjectsOf = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    encodeGlobalId("Token", `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`),
  );
const raise = (subjects: readonly string[], kind = OFF) =>
  world.core.dataSource.transaction((tx) =>
    raiseAlerts(
      tx,
      world.core,
      kind,
      subjects.map((subject) => ({ subject, message: "It is off." })),
    ),
  );
const clear = (subjects: readonly string[]) =>
  world.core.dataSource.transaction((tx) => clearAlerts(tx, world.core, OFF, subjects));

/** The messages there are, each with what it would say now. */
async function deliveries() {
  const found = await world.read<{ endpoint_id: string; data: Digest; state: string; attempts: number }>(
    "SELECT endpoint_id, data, state, attempts, error FROM webhook_delivery ORDER BY created_at, id",
  );
  return found.map(({ data, ...delivery }) => ({ ...delivery, data: toldOf(data) }));
}

it("makes one message of what three thousand tokens raise, which names a hundred and counts all", async () => {
  await add();
  await raise(subjectsOf(3_000));
  await digestAlerts(world.core);
  const [message, ...others] = await deliveries();
  expect(others).toEqual([]);
  expect(message?.data.raised).toMatchObject([{ kind: OFF, count: 3_000, more: 2_900 }]);
  expect(message?.data.raised[0]?.alerts).toHaveLength(100);
  await digestAlerts(world.core);
  expect(await deliveries()).toHaveLength(1);
});

it("tells of an alert that came and went only that it is over, and each endpoint only of its kinds", async () => {
  const all = await add();
  await add([AlertKind.LOW_STOCK]);
  const subjects = subjectsOf(2);
  await raise(subjects);
  await clear(subjects.slice(1));
  await digestAlerts(world.core);
  const messages = await deliveries();
  expect(messages).toMatchObject([{ endpoint_id: all }]);
  expect(messages[0]?.data).toMatchObject({
    raised: [{ count: 1, alerts: [{ subject: subjects[0] }] }],
    cleared: [{ count: 1, alerts: [{ subject: subjects[1] }] }],
  });
});

it("joins what comes while an endpoint is away to one message, and sends that after the one it did not take", async () => {
  const core = slowly(world.core);
  const endpointId = await add();
  receiver.refuse(1, 500);
  const [first = "", second = "", third = ""] = subjectsOf(3);
  await raise([first]);
  await digestAlerts(core);
  await sendWebhooks(core, { endpointId });
  await raise([second, third]);
  await digestAlerts(core);
  await clear([second]);
  await digestAlerts(core);
  expect(await deliveries()).toMatchObject([
    { attempts: 1, state: "PENDING", error: expect.stringContaining("500") },
    { attempts: 0, data: { raised: [{ count: 1 }], cleared: [{ count: 1, alerts: [{ subject: second }] }] } },
  ]);
  await sendWebhooks(core, { endpointId });
  expect(receiver.received).toHaveLength(1);
  await world.read("UPDATE webhook_delivery SET next_attempt_at = created_at");
  await sendWebhooks(core, { endpointId });
  expect(await deliveries()).toMatchObject([{ state: "DELIVERED" }, { state: "DELIVERED" }]);
  const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
});

it("tells of thousands that were raised and are over while an endpoint is away only that they are over", async () => {
  const core = slowly(world.core);
  const endpointId = await add();
  receiver.refuse(1, 500);
  await raise(subjectsOf(1), AlertKind.LOW_STOCK);
  await digestAlerts(core);
  await sendWebhooks(core, { endpointId });
  const subjects = subjectsOf(300);
  await raise(subjects);
  await digestAlerts(core);
  await clear(subjects.slice(0, 290));
  await digestAlerts(core);
  const [, waiting] = await deliveries();
  expect(waiting?.data).toMatchObject({
    raised: [{ kind: OFF, count: 10, more: 10, alerts: [] }],
    cleared: [{ kind: OFF, count: 290, more: 190 }],
  });
});

it("tells what many tokens raise one after the other in one message, a quarter of an hour after the one before", async () => {
  const core = slowly(world.core);
  const endpointId = await add();
  const subjects = subjectsOf(20);
  for (const subject of subjects) {
    await raise([subject]);
    await digestAlerts(core);
    await sendWebhooks(core, { endpointId });
  }
  expect(receiver.received).toHaveLength(1);
  const [first, waiting, ...others] = await deliveries();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ state: "DELIVERED", data: { raised: [{ count: 1 }] } });
  expect(waiting).toMatchObject({ state: "PENDING", attempts: 0, data: { raised: [{ count: 19 }] } });
  const [due] = await world.read<{ minutes: string }>(
    `SELECT round(extract(epoch FROM max(next_attempt_at) - min(created_at)) / 60) AS minutes FROM webhook_delivery`,
  );
  expect(due?.minutes).toBe("15");
});

it("is given up after three days, and shown so, and what waited behind it is sent", async () => {
  const endpointId = await add();
  receiver.refuse(2, 500);
  await raise(subjectsOf(1));
  await digestAlerts(world.core);
  await sendWebhooks(world.core, { endpointId });
  const { core } = world;
  const now = new Date(core.clock.now().getTime() + core.clock.scaled(4 * 86_400_000));
  const later: Core = { ...core, clock: { ...core.clock, now: () => now } };
  await raise(subjectsOf(2).slice(1));
  await digestAlerts(later);
  await sendWebhooks(later, { endpointId });
  await sendWebhooks(later, { endpointId });
  expect(await deliveries()).toMatchObject([
    { state: "GIVEN_UP", attempts: 2, error: expect.stringContaining("500") },
    { state: "DELIVERED", attempts: 1 },
  ]);
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { WebhookMessageType } from "../../../../src/entities/webhook-delivery.js";
import { addDelivery } from "../../../../src/sync/alerts/webhooks/add-delivery.js";
import { addWebhookEndpoint } from "../../../../src/sync/alerts/webhooks/add-webhook-endpoint.js";
import { sendWebhooks } from "../../../../src/sync/alerts/webhooks/send-webhooks.js";
import { addJob } from "../../../../src/sync/jobs.js";
import { startWebhookReceiver, type WebhookReceiver } from "../../../support/webhook-receiver.js";
import { createTargetWorld, type TargetWorld } from "../../targets/target-world.js";

let world: TargetWorld;
let receiver: WebhookReceiver;
let endpointId: string;
beforeEach(async () => {
  world = await createTargetWorld([]);
  receiver = await startWebhookReceiver();
  const { core } = world;
  const wanted = { url: receiver.url, kinds: [] };
  await core.dataSource.transaction((tx) => addWebhookEndpoint(tx, core, wanted, "admin"));
  endpointId = (await world.read<{ id: string }>("SELECT id FROM webhook_endpoint"))[0]?.id ?? "";
  await core.dataSource.transaction(async (tx) => {
    for (let count = 0; count < 3; count += 1) {
      await addDelivery(tx, core, endpointId, { type: WebhookMessageType.TEST, data: {}, at: null });
    }
    await tx.query("DELETE FROM graphile_worker._private_jobs");
  });
});
afterEach(async () => {
  await world.stop();
  await receiver.stop();
});

const jobs = () =>
  world.read<{ queue: string }>(
    "SELECT queue_name AS queue FROM graphile_worker.jobs WHERE task_identifier = 'send-webhooks'",
  );

it("sends an endpoint all that is due in one go", async () => {
  await sendWebhooks(world.core, { endpointId });
  expect(receiver.received).toHaveLength(3);
  expect(await jobs()).toEqual([]);
});

it("gives others their turn after each message that an endpoint does not take", async () => {
  receiver.refuse(3, 503);
  await sendWebhooks(world.core, { endpointId });
  expect(receiver.received).toHaveLength(1);
  expect(await jobs()).toHaveLength(1);
});

it("works on three endpoints at once at most, and on none twice at once", async () => {
  const { clock, dataSource } = world.core;
  const endpoints = Array.from({ length: 60 }, () => clock.uuid());
  await dataSource.transaction(async (tx) => {
    for (const id of endpoints) {
      await addJob(tx, "send-webhooks", { endpointId: id });
      await addJob(tx, "send-webhooks", { endpointId: id }, clock.in(60_000));
    }
  });
  expect(new Set((await jobs()).map(({ queue }) => queue)).size).toBe(3);
  const queuesOfOne = await world.read(
    "SELECT payload ->> 'endpointId' FROM graphile_worker._private_jobs GROUP BY 1 HAVING count(DISTINCT job_queue_id) > 1",
  );
  expect(queuesOfOne).toEqual([]);
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readWebhookEvents } from "../../../src/sync/deployments/read-webhook-events.js";
import { receiveWebhook } from "../../../src/sync/deployments/receive-webhook.js";
import { requireWebhookRoom } from "../../../src/sync/deployments/require-webhook-room.js";
import { createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
beforeEach(async () => {
  world = await createDeploymentWorld();
});
afterEach(() => world.stop());

async function call(): Promise<void> {
  await requireWebhookRoom(world.core, world.targetId);
  await receiveWebhook(world.core, world.targetId, { headers: {}, body: Buffer.from("event") });
}
const unread = async () => (await world.read("SELECT FROM webhook_event WHERE read_at IS NULL")).length;
const floods = () =>
  world.read<{ message: string }>("SELECT message FROM alert WHERE kind = 'TARGET_FLOODING' AND cleared_at IS NULL");

async function flood(count: number): Promise<void> {
  await world.read(
    `INSERT INTO webhook_event (target_id, headers, body, received_at)
     SELECT $1, '{}', 'event', now() FROM generate_series(1, $2)`,
    [world.targetId, count],
  );
}

describe("a product that sends more than can be read", () => {
  test("is refused what it sends beyond fifty thousand messages, and an admin is told so once", async () => {
    await flood(49_999);
    await call();
    await expect(call()).rejects.toMatchObject({
      code: "TARGET_UNAVAILABLE",
      details: { retryAt: expect.stringMatching(/Z$/) },
    });
    await expect(call()).rejects.toMatchObject({ code: "TARGET_UNAVAILABLE" });
    expect(await unread()).toBe(50_000);
    expect(await floods()).toMatchObject([{ message: expect.stringContaining("50000 messages") }]);
  });

  test("is heard again when it has been read, and the alert is cleared", async () => {
    await flood(50_000);
    await expect(call()).rejects.toMatchObject({ code: "TARGET_UNAVAILABLE" });
    await world.read("UPDATE webhook_event SET read_at = now()");
    await call();
    await readWebhookEvents(world.core, { targetId: world.targetId });
    expect([await floods(), await unread()]).toEqual([[], 0]);
  });

  test("keeps no other work of its target waiting: after five hundred messages that has its turn", async () => {
    await flood(501);
    await readWebhookEvents(world.core, { targetId: world.targetId });
    expect(await unread()).toBe(1);
    expect(await world.jobs("read-webhook-events")).toHaveLength(1);
    await readWebhookEvents(world.core, { targetId: world.targetId });
    expect(await unread()).toBe(0);
  });
});

test("a call for a target that is removed while it is verified is answered as one for no target", async () => {
  world.connection.webhook = {
    verify: async () => {
      await world.read("DELETE FROM application");
      await world.read("DELETE FROM target");
      return true;
    },
    read: () => ({}) as never,
  };
  await expect(call()).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what a plugin says to be authentic has to be true, not merely something", async () => {
  world.connection.webhook = { verify: () => "yes" as never, read: () => ({}) as never };
  await expect(call()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await unread()).toBe(0);
});

test.each([undefined, null, "nothing", 7, [], { users: [] }, { users: {}, devices: [], statuses: [], followUps: [] }])(
  "an event of which the plugin makes %j is kept with the reason, and holds up no later one",
  async (reading) => {
    world.connection.webhook = { verify: () => true, read: () => reading as never };
    await call();
    await readWebhookEvents(world.core, { targetId: world.targetId });
    expect(await world.read("SELECT error FROM webhook_event WHERE read_at IS NOT NULL")).toEqual([
      { error: expect.stringContaining("contract") },
    ]);
  },
);

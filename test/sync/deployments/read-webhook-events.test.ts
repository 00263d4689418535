import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstallationState as S } from "../../../src/entities/installation.js";
import { readWebhookEvents } from "../../../src/sync/deployments/read-webhook-events.js";
import { deviceRecord } from "../holders/scripted-listing.js";
import { ago, createDeploymentWorld, type DeploymentWorld } from "./deployment-world.js";

let world: DeploymentWorld;
let deploymentId: string;
beforeEach(async () => {
  world = await createDeploymentWorld();
  deploymentId = (await world.deployment()).id;
  // The body of each event is the handle that it tells of, and the device's serial.
  world.connection.webhook = {
    verify: () => true,
    read: ({ body, receivedAt }) => {
      const [handle = "", serial = ""] = Buffer.from(body).toString("utf8").split(" ");
      const status = { handle, device: `device-${serial}`, state: "installed", observedAt: receivedAt } as const;
      return { users: [], devices: [], statuses: [status], followUps: [] };
    },
  };
});
afterEach(() => world.stop());

const read = () => readWebhookEvents(world.core, { targetId: world.targetId });

async function receive(text: string, receivedAt = world.core.clock.now()): Promise<void> {
  await world.read("INSERT INTO webhook_event (target_id, headers, body, received_at) VALUES ($1, '{}', $2, $3)", [
    world.targetId,
    Buffer.from(text),
    receivedAt,
  ]);
}

async function installing(serial: string, handle: string | null): Promise<string> {
  const deviceId = await world.device(serial);
  const licenseId = await world.license(deviceId, serial);
  const state = handle === null ? S.LICENSED : S.INSTALLING;
  return world.installation({ deploymentId, deviceId, licenseId, handle, state });
}

async function unread(): Promise<number> {
  return (await world.read("SELECT 1 FROM webhook_event WHERE read_at IS NULL")).length;
}

describe("an event that tells of a step nobody knows yet", () => {
  test("is read again once the step's handle is known, and holds up no later one", async () => {
    const early = await installing("AAA", null);
    const known = await installing("BBB", "handle-b");
    await receive("handle-a AAA");
    await receive("handle-b BBB");
    await read();
    expect(await world.seen(known)).toMatchObject({ state: S.INSTALLED });
    expect(await world.seen(early)).toMatchObject({ state: S.LICENSED });
    expect(await unread()).toBe(1);
    expect(await world.jobs("read-webhook-events")).toHaveLength(1);

    await world.read("UPDATE installation SET state = 'INSTALLING', handle = 'handle-a' WHERE id = $1", [early]);
    await world.read("UPDATE webhook_event SET read_again_at = now() - interval '1 second' WHERE read_at IS NULL");
    await read();
    expect(await world.seen(early)).toMatchObject({ state: S.INSTALLED });
    expect(await unread()).toBe(0);
  });

  test("is not waited with for ever", async () => {
    await receive("handle-of-old AAA", ago(world.core, 3_600_000));
    await read();
    expect(await unread()).toBe(0);
  });
});

test("An event that tells of known steps and of one that nobody knows yet does not keep the known ones waiting", async () => {
  const known = await installing("BBB", "handle-b");
  const { webhook } = world.connection;
  if (!webhook) throw new Error("The target has no webhook");
  const { read: readOne } = webhook;
  webhook.read = (event) => {
    const reading = readOne(event);
    return { ...reading, statuses: reading.statuses.flatMap((status) => [{ ...status, handle: "handle-a" }, status]) };
  };
  await receive("handle-b BBB");
  await read();
  expect(await world.seen(known)).toMatchObject({ state: S.INSTALLED });
  expect(await unread()).toBe(1);
});

describe("events for which there is no connection just now", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["the plugin is not installed", () => world.read("UPDATE target SET plugin = 'gone'")],
    ["the settings no longer fit", () => world.read(`UPDATE target SET settings = '{"other": 1}'`)],
    ["the secrets cannot be opened", () => world.read("UPDATE target SET secrets = 'v1.other.key.AAAA'")],
  ])("since %s wait, and are read when there is one again", async (_, breakIt) => {
    const known = await installing("BBB", "handle-b");
    await receive("handle-b BBB");
    const [target] = await world.read<{ plugin: string }>("SELECT plugin FROM target");
    await breakIt();
    await read();
    expect(await unread()).toBe(1);
    expect(await world.jobs("read-webhook-events")).toHaveLength(1);
    await world.read("UPDATE target SET plugin = $1, settings = '{}', secrets = NULL", [target?.plugin]);
    await read();
    expect(await unread()).toBe(0);
    expect(await world.seen(known)).toMatchObject({ state: S.INSTALLED });
  });
});

test("An event that tells of an unusable device is kept with the reason, and holds up no later one", async () => {
  const known = await installing("BBB", "handle-b");
  const { webhook } = world.connection;
  if (!webhook) throw new Error("The target has no webhook");
  const { read: readStatuses } = webhook;
  webhook.read = (event) => {
    const reading = readStatuses(event);
    return Buffer.from(event.body).toString("utf8") === "broken"
      ? { ...reading, statuses: [], devices: [{ ...deviceRecord("a"), externalId: "a\0" }] }
      : reading;
  };
  await receive("broken");
  await receive("handle-b BBB");
  await read();
  expect(await world.seen(known)).toMatchObject({ state: S.INSTALLED });
  expect(await world.read("SELECT error ~ 'cannot be used' AS told FROM webhook_event ORDER BY id")).toEqual([
    { told: true },
    { told: null },
  ]);
});

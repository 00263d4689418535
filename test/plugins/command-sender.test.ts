import { afterEach, beforeEach, expect, test } from "vitest";
import type {
  Step,
  StepOutcome,
  TargetConnection,
  WebhookReading,
  WebhookRequest,
} from "../../src/plugins/contract.js";
import { type CommandProduct, startCommandProduct } from "../support/plugins/command-product.js";
import { commandSender } from "../support/plugins/command-sender.js";
import { CALM, connectPlugin, stepFor } from "../support/plugins/connect-plugin.js";

let product: CommandProduct;
let connection: TargetConnection;

beforeEach(async () => {
  product = await startCommandProduct();
  const { url, apiKey, webhookSecret } = product;
  connection = await connectPlugin(commandSender, { url, apiKey, webhookSecret });
  await product.enroll({ id: "phone", serial: "SERIAL-PHONE", user: "ann@allotment.example" });
});
afterEach(() => product.stop());

/** The product's next call to us, as the core hands it over. */
async function nextEvent(): Promise<WebhookRequest> {
  for (;;) {
    const event = product.events.shift();
    if (event) return { ...event, receivedAt: new Date() };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function nextReading(): Promise<WebhookReading | undefined> {
  return connection.webhook?.read(await nextEvent());
}

async function apply(step: Step): Promise<StepOutcome | undefined> {
  const [outcome] = await connection.apply([step], CALM);
  return outcome;
}

/** Applies a step and looks after it until its outcome has been seen on the device. */
async function seenAfter(step: Step): Promise<WebhookReading | undefined> {
  const outcome = await apply(step);
  const acknowledged = await nextReading();
  const [followUp] = acknowledged?.followUps ?? [];
  expect(acknowledged?.statuses).toMatchObject([{ state: "installing" }]);
  expect(outcome).toMatchObject({ outcome: "accepted", handle: followUp?.handle });
  const verified = await apply(stepFor("phone", { action: "verify", app: step.app, handle: followUp?.handle ?? null }));
  expect(verified).toMatchObject({ outcome: "accepted", handle: followUp?.handle });
  return nextReading();
}

test("a device and its user become known by webhook", async () => {
  expect(connection.listHolders).toBeUndefined();
  expect(await nextReading()).toMatchObject({
    users: [{ principalName: "ann@allotment.example" }],
    devices: [{ serial: "SERIAL-PHONE", userExternalId: "ann@allotment.example", state: "enrolled" }],
  });
  await product.checkOut("phone");
  expect(await nextReading()).toMatchObject({ devices: [{ externalId: "phone", state: "retired" }] });
});

test("an acknowledgement is no install: only the device's own list is", async () => {
  await nextEvent();
  const reading = await seenAfter(stepFor("phone"));
  expect(reading).toMatchObject({ statuses: [{ device: "phone", state: "installed" }], followUps: [] });
});

test("a removal counts when the device no longer lists the app", async () => {
  await nextEvent();
  const app = stepFor("phone").app;
  await seenAfter(stepFor("phone", { app }));
  expect(await seenAfter(stepFor("phone", { app, action: "remove" }))).toMatchObject({
    statuses: [{ state: "removed" }],
  });
});

test("an app that is not there yet is looked for again", async () => {
  await nextEvent();
  const app = stepFor("phone").app;
  await apply(stepFor("phone", { action: "verify", app, handle: `install/${app.adamId}/some-key` }));
  const reading = await nextReading();
  expect(reading).toMatchObject({
    statuses: [{ state: "installing" }],
    followUps: [{ handle: `install/${app.adamId}/some-key`, device: "phone" }],
  });
});

test("a step that is repeated sends one command", async () => {
  const step = stepFor("phone");
  const [first, second] = [await apply(step), await apply(step)];
  expect(second).toEqual(first);
  expect(product.commands.get("phone")).toHaveLength(1);
});

test("an event that the product has not signed is refused", async () => {
  const event = await nextEvent();
  expect(await connection.webhook?.verify(event)).toBe(true);
  const changed = new TextEncoder().encode("{}");
  expect(await connection.webhook?.verify({ ...event, body: changed })).toBe(false);
  expect(await connection.webhook?.verify({ ...event, headers: {} })).toBe(false);
});

test("the same event gives the same reading, however often it is read", async () => {
  const event = await nextEvent();
  expect(connection.webhook?.read(event)).toEqual(connection.webhook?.read(event));
});

test("a device that the product does not know fails as data, and no other step with it", async () => {
  const outcomes = await connection.apply([stepFor("nobody"), stepFor("phone")], CALM);
  expect(outcomes).toMatchObject([{ outcome: "failed", failure: { code: "DEVICE_UNKNOWN" } }, { outcome: "accepted" }]);
});

test("what a lost event would have told is asked of the device once more", async () => {
  const outcome = await apply(stepFor("phone"));
  const handle = outcome?.outcome === "accepted" ? outcome.handle : "";
  expect(await connection.poll([handle, "unheard-of"], CALM)).toMatchObject({
    statuses: [],
    followUps: [{ handle, device: "phone" }],
  });
});

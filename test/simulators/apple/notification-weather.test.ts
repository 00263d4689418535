import { expect, test } from "vitest";
import { type AppleCaller, adamIdOf, serials, startCaller } from "./apple-caller.js";
import { notificationCounts, subscribe } from "./notification-receiver.js";

const HOUR_MS = 3_600_000;

async function purchases(caller: AppleCaller, count: number): Promise<void> {
  for (let place = 1; place <= count; place += 1) {
    await caller.control("/purchase", { adamId: adamIdOf(caller, 0), count: place });
  }
}

const deltas = (told: { body: { notification: Record<string, unknown> } }[]) =>
  told.map(({ body }) => body.notification.countDelta);

test("a share of the notifications is lost, the same ones for the same seed", async () => {
  const run = async () => {
    const caller = await startCaller({ switches: { notificationLoss: 0.5 } });
    const receiver = await subscribe(caller);
    await purchases(caller, 20);
    await caller.control("/deliver-notifications");
    return { told: deltas(await receiver.arrived("ASSET_COUNT", 1)), counts: await notificationCounts(caller) };
  };
  const [first, again] = [await run(), await run()];
  expect(first.told.length).toBeGreaterThan(0);
  expect(first.told.length).toBeLessThan(20);
  expect(first.counts).toMatchObject({ lost: 20 - first.told.length, delivered: first.told.length });
  expect(again.told).toEqual(first.told);
});

test("lost ones can be delivered late", async () => {
  const caller = await startCaller({ switches: { notificationLoss: 1 } });
  const receiver = await subscribe(caller);
  await purchases(caller, 3);
  expect(await notificationCounts(caller)).toMatchObject({ sent: 0, lost: 3 });
  await caller.control("/deliver-notifications", { again: "lost" });
  expect(deltas(await receiver.arrived("ASSET_COUNT", 3))).toEqual([1, 2, 3]);
});

test("a repeated notification keeps its id", async () => {
  const caller = await startCaller({ switches: { notificationDuplicates: 1 } });
  const receiver = await subscribe(caller);
  await purchases(caller, 1);
  const twice = await receiver.arrived("ASSET_COUNT", 2);
  expect(twice[0]?.body).toEqual(twice[1]?.body);
  await caller.control("/switches", { notificationDuplicates: 0 });
  await caller.control("/deliver-notifications", { again: "delivered" });
  expect(new Set(receiver.received.slice(1).map(({ body }) => body.notificationId)).size).toBe(1);
});

test("without the switch a notification comes once, and delivered ones can be repeated", async () => {
  const caller = await startCaller();
  const receiver = await subscribe(caller);
  await purchases(caller, 2);
  expect(deltas(await receiver.arrived("ASSET_COUNT", 2))).toEqual([1, 2]);
  const { body } = await caller.control("/deliver-notifications", { again: "delivered" });
  expect(body).toMatchObject({ sent: 4, delivered: 4, pending: 0 });
  expect(deltas(await receiver.arrived("ASSET_COUNT", 4))).toEqual([1, 2, 1, 2]);
});

test("delayed notifications wait until they are due or are called for", async () => {
  const caller = await startCaller({ switches: { notificationDelayMs: HOUR_MS } });
  const receiver = await subscribe(caller);
  await purchases(caller, 2);
  expect(await notificationCounts(caller)).toMatchObject({ sent: 0, pending: 2 });
  expect((await caller.control("/deliver-notifications")).body).toMatchObject({ sent: 2, delivered: 2, pending: 0 });
  expect(deltas(await receiver.arrived("ASSET_COUNT", 2))).toEqual([1, 2]);
});

test("a short delay ends by itself", async () => {
  const caller = await startCaller({ switches: { notificationDelayMs: 30 } });
  const receiver = await subscribe(caller);
  await purchases(caller, 1);
  expect(deltas(await receiver.arrived("ASSET_COUNT", 1))).toEqual([1]);
});

test("reordered notifications all arrive, in another order", async () => {
  const caller = await startCaller({ switches: { notificationReorder: true, notificationDelayMs: HOUR_MS } });
  const receiver = await subscribe(caller);
  await purchases(caller, 12);
  await caller.control("/deliver-notifications");
  const told = deltas(await receiver.arrived("ASSET_COUNT", 12));
  const inOrder = Array.from({ length: 12 }, (_, index) => index + 1);
  expect(told).not.toEqual(inOrder);
  expect([...told].sort((left, right) => Number(left) - Number(right))).toEqual(inOrder);
});

test("a refused notification is tried three times in all, then given up", async () => {
  const caller = await startCaller({ switches: { notificationRetryMs: 5 } });
  const receiver = await subscribe(caller);
  receiver.answer(503);
  await purchases(caller, 1);
  await expect.poll(() => notificationCounts(caller)).toMatchObject({ refused: 3, abandoned: 1, pending: 0 });
  expect(new Set((await receiver.arrived("ASSET_COUNT", 3)).map(({ body }) => body.notificationId)).size).toBe(1);
});

test("a receiver that recovers gets the next attempt", async () => {
  const caller = await startCaller({ switches: { notificationRetryMs: HOUR_MS } });
  const receiver = await subscribe(caller);
  receiver.answer(500);
  await purchases(caller, 1);
  await expect.poll(() => notificationCounts(caller)).toMatchObject({ refused: 1, pending: 1 });
  receiver.answer(204);
  await caller.control("/deliver-notifications");
  expect(await notificationCounts(caller)).toMatchObject({ sent: 2, delivered: 1, refused: 1, pending: 0 });
});

test("a notification may come before the event's status turns", async () => {
  const caller = await startCaller({ switches: { notificationBeforeStatus: true, notificationDelayMs: HOUR_MS } });
  const receiver = await subscribe(caller);
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(2) };
  const { eventId } = (await caller.post("/assets/associate", order)).body;
  await expect.poll(() => notificationCounts(caller)).toMatchObject({ pending: 1 });
  const ask = async () => (await caller.get(`/status?eventId=${eventId}`)).body;
  expect(await ask()).toMatchObject({ eventStatus: "PENDING", numCompleted: 2 });
  await caller.control("/deliver-notifications");
  expect(receiver.received.at(-1)?.body.notification.eventId).toBe(eventId);
  await expect.poll(async () => (await ask()).eventStatus).toBe("COMPLETE");
});

test("without that switch the status does not wait for a notification", async () => {
  const caller = await startCaller({ switches: { notificationDelayMs: HOUR_MS } });
  await subscribe(caller);
  const order = { assets: [{ adamId: adamIdOf(caller, 0) }], serialNumbers: serials(2) };
  expect(await caller.finish("/assets/associate", order)).toMatchObject({ eventStatus: "COMPLETE" });
  expect(await notificationCounts(caller)).toMatchObject({ sent: 0, pending: 1 });
});

test("a stop drops notifications that wait", async () => {
  const caller = await startCaller({ switches: { notificationDelayMs: HOUR_MS } });
  await subscribe(caller);
  await purchases(caller, 1);
  const notifier = caller.simulator.world.locations[0]?.notifier;
  expect(notifier?.pending).toBe(1);
  await caller.simulator.stop();
  expect(notifier?.pending).toBe(0);
});

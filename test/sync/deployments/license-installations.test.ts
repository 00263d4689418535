import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstallationReason, InstallationState } from "../../../src/entities/installation.js";
import { createQueueWorld, type QueueWorld } from "./queue-world.js";

let world: QueueWorld;
beforeEach(async () => {
  world = await createQueueWorld();
});
afterEach(() => world.stop());

const LONG_AGO = new Date("2019-01-01T00:00:00Z");

async function heldCount(): Promise<number> {
  const [app] = await world.read<{ held_count: number }>("SELECT held_count FROM store_app");
  return app?.held_count ?? 0;
}

describe("licences that are short", () => {
  test("go to the higher priority, then to who has waited longer, then to the lower id", async () => {
    const [normal, high] = [await world.lane(), await world.lane(1)];
    const [first = "", second = ""] = await world.wait(normal, 2, { queuedAt: LONG_AGO });
    const [urgent = ""] = await world.wait(high, 1);
    const [last = ""] = await world.wait(normal, 1);
    const [oldest = ""] = await world.wait(normal, 1, { queuedAt: new Date(LONG_AGO.getTime() - 1) });
    await world.stock(0);
    const order: string[] = [];
    for (let total = 1; total <= 5; total += 1) {
      await world.stock(total);
      order.push(...(await world.license()));
    }
    expect(order).toEqual([urgent, oldest, first, second, last]);
  });

  test("go to who waits before who has just come, and to who has just come before a lower priority", async () => {
    const [normal, low] = [await world.lane(), await world.lane(-1)];
    const [behind = ""] = await world.wait(low, 1, { queuedAt: LONG_AGO });
    const [waiting = ""] = await world.wait(normal, 1);
    const [fresh = ""] = await world.wait(normal, 1, { state: InstallationState.REQUESTED, reason: null });
    await world.stock(2);
    expect(await world.license()).toEqual([waiting, fresh]);
    expect(await world.seen(behind)).toMatchObject({ state: "WAITING_FOR_LICENSE", reason: "OUT_OF_STOCK" });
  });

  test("are not kept by one who waits for the own last licence to come back", async () => {
    const lane = await world.lane();
    const deviceId = await world.device("RETURNS");
    const licenseId = await world.holding(deviceId, "RETURNS");
    await world.read("UPDATE license SET state = 'RETURNING' WHERE id = $1", [licenseId]);
    await world.wait(lane, 1, { deviceId, reason: InstallationReason.LICENSE_RETURNING });
    const [behind = ""] = await world.wait(lane, 1);
    await world.stock(1);
    expect(await world.license()).toEqual([behind]);
  });
});

describe("licences that are reserved", () => {
  test("are passed over by those who wait longer, however many these are", async () => {
    const [pupils, staff] = [await world.lane(5), await world.lane()];
    await world.wait(pupils, 40);
    const teachers = await world.wait(staff, 3);
    await world.reserve(staff, 2);
    await world.stock(2);
    expect(await world.license()).toEqual(teachers.slice(0, 2));
    expect(await heldCount()).toBe(2);
  });

  test("and others are given out together, and no licence twice", async () => {
    const [pupils, staff, guests] = [await world.lane(), await world.lane(), await world.lane()];
    const waiting = [await world.wait(pupils, 10), await world.wait(staff, 10), await world.wait(guests, 10)];
    await world.reserve(staff, 3);
    await world.reserve(guests, 2);
    await world.stock(8);
    const licensed = await world.license();
    expect(waiting.map((ids) => ids.filter((id) => licensed.includes(id)).length)).toEqual([3, 3, 2]);
    expect(await heldCount()).toBe(8);
  });

  test("are filled by what the collection uses already, and by a licence once that several of its devices' deployments use", async () => {
    const [staff, pupils] = [await world.lane(), await world.lane()];
    const deviceId = await world.device("SHARED");
    const licenseId = await world.holding(deviceId, "SHARED");
    const installed = { deviceId, licenseId, state: InstallationState.INSTALLED, reason: null };
    await world.wait(staff, 1, installed);
    await world.wait(pupils, 1, installed);
    await world.reserve(staff, 2);
    await world.reserve(pupils, 1);
    const [guest = ""] = await world.wait(await world.lane(), 1);
    await world.read("UPDATE store_app SET held_count = 1");
    await world.stock(3);
    expect(await world.license()).toEqual([]);
    await world.stock(4);
    expect(await world.license()).toEqual([guest]);
  });

  test("go by the age of the reservations where they exceed what there is", async () => {
    const [younger, older] = [await world.lane(), await world.lane()];
    const [first = ""] = await world.wait(older, 1);
    const [second = ""] = await world.wait(younger, 1, { queuedAt: LONG_AGO });
    await world.reserve(older, 1);
    await world.reserve(younger, 1);
    await world.stock(1);
    expect(await world.license()).toEqual([first]);
    await world.stock(2);
    expect(await world.license()).toEqual([second]);
  });

  test("are free for all once the time is over, though nobody has looked", async () => {
    const [pupils, staff] = [await world.lane(), await world.lane()];
    const [pupil = ""] = await world.wait(pupils, 1);
    await world.reserve(staff, 1, { until: new Date(world.core.clock.now().getTime() - 1) });
    await world.stock(1);
    expect(await world.license()).toEqual([pupil]);
  });
});

describe("a device that stands in two lanes", () => {
  test("needs one licence, which both of its deployments use", async () => {
    const [pupils, staff] = [await world.lane(1), await world.lane()];
    const deviceId = await world.device("BOTH");
    const [blocked = ""] = await world.wait(pupils, 1, { deviceId });
    const [served = ""] = await world.wait(staff, 1, { deviceId });
    await world.reserve(staff, 1);
    await world.stock(1);
    expect(await world.license()).toEqual([blocked, served]);
    expect((await world.seen(blocked)).licenseId).toBe((await world.seen(served)).licenseId);
    expect(await heldCount()).toBe(1);
  });
});

test("who has got a licence by hand meanwhile uses it, and takes none from the stock", async () => {
  const lane = await world.lane();
  const deviceId = await world.device("GIVEN");
  const [given = ""] = await world.wait(lane, 1, { deviceId });
  await world.wait(lane, 1);
  const licenseId = await world.holding(deviceId, "GIVEN");
  await world.read("UPDATE store_app SET held_count = 1");
  await world.stock(1);
  await world.license();
  expect(await world.seen(given)).toMatchObject({ state: "CLAIMING", licenseId });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { Reservation } from "../../../src/entities/reservation.js";
import { sweep } from "../../../src/sync/watch/sweep.js";
import { ago } from "./deployment-world.js";
import { createQueueWorld, type QueueWorld } from "./queue-world.js";

let world: QueueWorld;
beforeEach(async () => {
  world = await createQueueWorld();
});
afterEach(() => world.stop());

test("the sweep ends the reservations whose time is over, at that time, and wakes the queue", async () => {
  const until = ago(world.core, 1_000);
  const over = await world.reserve(await world.lane(), 1, { until });
  const alive = await world.reserve(await world.lane(), 1);
  await sweep(world.core);
  const { manager } = world.core.dataSource;
  expect(await manager.findOneBy(Reservation, { id: over })).toMatchObject({ endedAt: until, releasedBy: null });
  expect(await manager.findOneBy(Reservation, { id: alive })).toMatchObject({ endedAt: null });
  expect(await world.jobs("license-installations")).toHaveLength(1);
});

test("the sweep wakes no queue while nothing has expired and no stock is free", async () => {
  const lane = await world.lane();
  await world.reserve(lane, 1);
  await world.wait(lane, 1);
  await world.stock(0);
  await sweep(world.core);
  expect(await world.jobs("license-installations")).toEqual([]);
});

test("the sweep finds a queue that stands still though licences are free", async () => {
  await world.wait(await world.lane(), 1);
  await world.stock(1);
  await sweep(world.core);
  expect(await world.jobs("license-installations")).toHaveLength(1);
});

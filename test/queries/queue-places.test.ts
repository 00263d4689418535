import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InstallationReason, InstallationState } from "../../src/entities/installation.js";
import { queuePlaces } from "../../src/queries/queue-places.js";
import { createQueueWorld, type QueueWorld } from "../sync/deployments/queue-world.js";

let world: QueueWorld;
beforeEach(async () => {
  world = await createQueueWorld();
});
afterEach(() => world.stop());

/** The places of these installations, as `lane:position`; the lane of all has no name. */
async function places(ids: readonly string[], names: Readonly<Record<string, string>> = {}) {
  const { dataSource, clock } = world.core;
  const found = await queuePlaces(
    dataSource,
    ids.map((id) => [world.tokenId, id]),
    clock.now(),
  );
  return found.map((place) => place && `${names[place.reservationId ?? ""] ?? ""}:${place.position}`);
}

describe("a place in the queue", () => {
  test("counts those before it in the order in which they are licensed, whoever else is asked for", async () => {
    const [low, high, also] = [await world.lane(-1), await world.lane(1), await world.lane(-1)];
    const [a = "", b = ""] = await world.wait(low, 2);
    const [c = ""] = await world.wait(high, 1);
    const [d = ""] = await world.wait(also, 1);
    const [e = ""] = await world.wait(low, 1);
    expect(await places([a, b, c, d, e])).toEqual([":2", ":3", ":1", ":4", ":5"]);
    expect(await places([d])).toEqual([":4"]);
    expect(await places([b, c])).toEqual([":3", ":1"]);
  });

  test("has whoever waits for stock, and nobody else", async () => {
    const lane = await world.lane();
    const [requested = ""] = await world.wait(lane, 1, { state: InstallationState.REQUESTED, reason: null });
    const [returning = ""] = await world.wait(lane, 1, { reason: InstallationReason.LICENSE_RETURNING });
    const [waiting = ""] = await world.wait(lane, 1);
    expect(await places([requested, returning, waiting, "999999"])).toEqual([null, null, ":1", null]);
  });

  test("is in the lane of the reservation for the first of its collection, as many as it has left to fill", async () => {
    const [pupils, staff] = [await world.lane(), await world.lane()];
    const [p1 = "", p2 = ""] = await world.wait(pupils, 2);
    const [s1 = "", s2 = "", s3 = ""] = await world.wait(staff, 3);
    const [p3 = ""] = await world.wait(pupils, 1);
    const names = { [await world.reserve(staff, 2)]: "staff" };
    const all = [p1, p2, s1, s2, s3, p3];
    expect(await places(all, names)).toEqual([":1", ":2", "staff:1", "staff:2", ":3", ":4"]);
    const holder = await world.device("FILLS");
    const licenseId = await world.holding(holder, "FILLS");
    await world.wait(staff, 1, { deviceId: holder, licenseId, state: InstallationState.INSTALLED, reason: null });
    expect(await places(all, names)).toEqual([":1", ":2", "staff:1", ":3", ":4", ":5"]);
  });

  test("is what licensing goes by: whoever is first in its lane is served first", async () => {
    const [pupils, staff] = [await world.lane(3), await world.lane()];
    const waiting = [...(await world.wait(pupils, 3)), ...(await world.wait(staff, 3))];
    const names = { [await world.reserve(staff, 2)]: "staff" };
    await world.stock(4);
    const before = await places(waiting, names);
    const licensed = await world.license();
    expect(licensed.map((id) => before[waiting.indexOf(id)]).sort()).toEqual([":1", ":2", "staff:1", "staff:2"]);
  });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { InstallationReason, InstallationState } from "../../src/entities/installation.js";
import { servedFirst } from "../../src/queries/served-first.js";
import { createQueueWorld, type QueueWorld } from "../sync/deployments/queue-world.js";

let world: QueueWorld;
beforeEach(async () => {
  world = await createQueueWorld();
});
afterEach(() => world.stop());

const explain = async (id: string) => (await servedFirst(world.core.dataSource, [[world.tokenId, id]]))[0];

/** So long the installation has waited for stock, and not for anything else. */
const waitsSince = (id: string, interval: string) =>
  world.read("UPDATE installation SET state_at = now() + $2::interval WHERE id = $1", [id, interval]);

test("nobody was served first while all goes by turns", async () => {
  const lane = await world.lane();
  const [, second = ""] = await world.wait(lane, 2);
  await world.stock(1);
  expect(await world.license()).toHaveLength(1);
  expect(await explain(second)).toEqual([]);
});

test("a later lane was served first since licences were kept for its collection, also when they are no longer", async () => {
  const [pupils, staff] = [await world.lane(), await world.lane()];
  const [pupil = ""] = await world.wait(pupils, 1);
  await world.wait(staff, 2);
  const reservationId = await world.reserve(staff, 2);
  await world.stock(2);
  expect(await world.license()).toHaveLength(2);
  const because = { cause: "RESERVED", collectionId: staff.collectionId, reservationId, count: 2 };
  expect(await explain(pupil)).toMatchObject([{ ...because, lastAt: expect.any(Date) }]);
  await world.read("UPDATE reservation SET ended_at = now() + interval '1 day'");
  expect(await explain(pupil)).toMatchObject([because]);
});

test("a later lane was served first since this one waited for something else then", async () => {
  const [early, late] = [await world.lane(), await world.lane()];
  const [invited = ""] = await world.wait(early, 1, {
    state: InstallationState.WAITING_FOR_USER,
    reason: InstallationReason.INVITATION_OPEN,
  });
  await world.wait(late, 1);
  await world.read("UPDATE deployment SET licensing = 'USER' WHERE id = $1", [early.id]);
  await world.read("INSERT INTO \"user\" (id, display_name, added_at) VALUES (gen_random_uuid(), 'P', now())");
  await world.read('UPDATE installation SET user_id = (SELECT id FROM "user") WHERE id = $1', [invited]);
  await world.read(
    `INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
     SELECT $1, 'p', id, 'REGISTERED', now() FROM "user"`,
    [world.tokenId],
  );
  await world.stock(1);
  expect(await world.license()).toHaveLength(1);
  await world.read("UPDATE installation SET state = 'WAITING_FOR_LICENSE', reason = 'OUT_OF_STOCK' WHERE id = $1", [
    invited,
  ]);
  await waitsSince(invited, "1 second");
  expect(await explain(invited)).toMatchObject([
    { cause: "WAITED_ELSEWHERE", collectionId: late.collectionId, count: 1 },
  ]);
});

test("a later lane was served first since Apple refused what this one had claimed with it", async () => {
  const [early, late] = [await world.lane(), await world.lane()];
  const [refused = ""] = await world.wait(early, 1);
  await world.wait(late, 1);
  await world.stock(2);
  expect(await world.license()).toHaveLength(2);
  await world.read(
    `UPDATE license SET state = 'REFUSED', ended_at = now() + interval '1 second', end_cause = 'DEPLOYMENT', end_actor = 'apple'
     WHERE id = (SELECT license_id FROM installation WHERE id = $1)`,
    [refused],
  );
  await world.read(
    "UPDATE installation SET state = 'WAITING_FOR_LICENSE', reason = 'OUT_OF_STOCK', license_id = NULL WHERE id = $1",
    [refused],
  );
  await waitsSince(refused, "1 second");
  expect(await explain(refused)).toMatchObject([
    { cause: "CLAIM_REFUSED", collectionId: late.collectionId, reservationId: null, count: 1 },
  ]);
});

test("a later lane was served first since the priorities were others then", async () => {
  const [early, late] = [await world.lane(), await world.lane(1)];
  const [first = ""] = await world.wait(early, 1);
  await world.wait(late, 1);
  await waitsSince(first, "-1 hour");
  await world.stock(1);
  expect(await world.license()).toHaveLength(1);
  expect(await explain(first)).toEqual([]);
  await world.read("UPDATE deployment SET priority = 0");
  expect(await explain(first)).toMatchObject([{ cause: "ORDER_CHANGED", reservationId: null, count: 1 }]);
});

test("a licence that serves one before this one, too, was not given to a later lane", async () => {
  const [early, late] = [await world.lane(), await world.lane()];
  const deviceId = await world.device("BOTH");
  await world.wait(early, 1, { deviceId });
  const [mine = ""] = await world.wait(early, 1);
  await world.wait(late, 1, { deviceId });
  await world.stock(1);
  expect(await world.license()).toHaveLength(2);
  expect(await explain(mine)).toEqual([]);
});

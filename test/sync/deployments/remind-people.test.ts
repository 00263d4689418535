import { EntityManager } from "typeorm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { remindPeople } from "../../../src/sync/deployments/remind-people.js";
import { createPeopleWorld, type PeopleWorld } from "./people-world.js";

const PEOPLE = 60;
const NAMED = 50;

let world: PeopleWorld;
beforeEach(async () => {
  world = await createPeopleWorld();
});
afterEach(() => world.stop());

/** So many people who have waited since the first of January 2020, each an hour longer than the next. */
async function invite(): Promise<void> {
  const { id } = await world.userDeployment();
  await world.read(
    `WITH person AS (
       INSERT INTO "user" (id, display_name, added_at) SELECT gen_random_uuid(), 'Person ' || n, now() FROM generate_series(1, $5) n
       RETURNING id, split_part(display_name, ' ', 2)::int AS n
     ), device AS (
       INSERT INTO device (id, serial, added_at) SELECT id, n, now() FROM person RETURNING id
     ), registration AS (
       INSERT INTO apple_user (token_id, client_user_id, user_id, status, added_at)
       SELECT $1, id, id, 'REGISTERED', now() FROM person RETURNING id
     )
     INSERT INTO installation (token_id, store_app_id, deployment_id, target_id, device_id, user_id, want, state, reason, state_at,
                               queued_at, created_at)
     SELECT $1, $2, $3, $4, id, id, 'PRESENT', 'WAITING_FOR_USER', 'INVITATION_OPEN', '2020-01-01T00:00:00Z'::timestamptz + n * interval '1 hour',
            now(), now() FROM person`,
    [world.tokenId, world.storeAppId, id, world.targetId, PEOPLE],
  );
}

async function message(): Promise<string> {
  const alerts = await world.read<{ message: string }>("SELECT message FROM alert WHERE kind = 'INVITATIONS_OPEN'");
  return alerts.map((alert) => alert.message).join("\n");
}

test("Of many who wait for their invitations those are named who have waited longest, and only they are read", async () => {
  await invite();
  const query = vi.spyOn(EntityManager.prototype, "query");
  await remindPeople(world.core);
  const answers: unknown[] = await Promise.all(query.mock.results.map(({ value }) => value));
  query.mockRestore();
  expect(Math.max(...answers.map((rows) => (Array.isArray(rows) ? rows.length : 0)))).toBe(NAMED);
  const told = await message();
  expect(told).toContain(`${PEOPLE} people have not accepted`);
  expect(told).toMatch(/: Person 1 since 2020-01-01 /);
  expect(told).toContain("Person 50 since 2020-01-03");
  expect(told).not.toContain("Person 51 ");
  expect(told).toContain(`and ${PEOPLE - NAMED} more`);
});

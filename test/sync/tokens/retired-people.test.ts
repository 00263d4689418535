import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FREE_SQL } from "../../../src/entities/store-app.js";
import { SyncMode } from "../../../src/entities/sync-run.js";
import type { UsersPage } from "../../../src/sync/apple/apple-client.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

const USERS = 30;

let world: TokenWorld;
let tokenId: string;

beforeEach(async () => {
  world = await createTokenWorld({ apple: { apps: 12, licenses: 300, users: USERS, assigned: 120 } });
  ({ tokenId } = await world.add());
  await world.sync(tokenId);
});

afterEach(() => world.stop());

interface Person {
  id: string;
  client_user_id: string;
}

/** Somebody who holds a licence. */
async function holder(): Promise<Person> {
  const [person] = await world.read<Person>(
    `SELECT id, client_user_id FROM apple_user
     WHERE status = 'ASSOCIATED' AND id IN (SELECT apple_user_id FROM license) ORDER BY id LIMIT 1`,
  );
  if (!person) throw new Error("Nobody holds anything");
  return person;
}

const endsOf = ({ client_user_id }: Person) =>
  world.read("SELECT DISTINCT state, end_cause, end_actor FROM license WHERE holder_key = $1", [client_user_id]);

describe("holdings that end with a retirement", () => {
  it("end as external when somebody else has retired the person", async () => {
    const person = await holder();
    await world.control("/retire-user", { clientUserId: person.client_user_id });
    await world.sync(tokenId, SyncMode.DELTA);
    expect(await endsOf(person)).toEqual([{ state: "ENDED", end_cause: "EXTERNAL", end_actor: "apple" }]);
  });

  it("end by our operation when that has retired the person", async () => {
    const person = await holder();
    await world.read(
      `WITH operation AS (
         INSERT INTO apple_operation (token_id, intent, state, attempts, next_attempt_at, event_id, cause, actor, created_at)
         VALUES ($1, 'RETIRE_USERS', 'SENT', 1, now(), 'event', 'MANUAL', 'api-key:ann', now()) RETURNING token_id, id)
       INSERT INTO apple_operation_holder (token_id, operation_id, holder_kind, holder_key, apple_user_id, outcome)
       SELECT token_id, id, 'USER', $2, $3, 'OPEN' FROM operation`,
      [tokenId, person.client_user_id, person.id],
    );
    await world.control("/retire-user", { clientUserId: person.client_user_id });
    await world.sync(tokenId, SyncMode.DELTA);
    expect(await endsOf(person)).toEqual([{ state: "ENDED", end_cause: "MANUAL", end_actor: "api-key:ann" }]);
  });
});

it("counts what a retired person keeps once, not as held and as retired", async () => {
  const [book] = await world.read<{ adam_id: string }>(
    "SELECT adam_id FROM store_app WHERE NOT revocable AND product_type = 'APP' LIMIT 1",
  );
  const person = await holder();
  await world.control("/assign", { adamId: book?.adam_id, clientUserId: person.client_user_id });
  await world.sync(tokenId, SyncMode.DELTA);
  const free = async () => {
    const [found] = await world.read<{ free: number; available: number; retired: number }>(
      `SELECT ${FREE_SQL} AS free, available_count AS available, retired_count AS retired FROM store_app app WHERE adam_id = $1`,
      [book?.adam_id],
    );
    return found;
  };
  await world.control("/retire-user", { clientUserId: person.client_user_id });
  await world.sync(tokenId, SyncMode.DELTA);
  const after = await free();
  expect(after?.retired).toBeGreaterThan(0);
  expect(after?.free).toBe(after?.available);
  expect(await world.read("SELECT message FROM alert WHERE cleared_at IS NULL")).toEqual([]);
});

describe("a registration that Apple no longer shows at all", () => {
  /** A run in which Apple's list of registrations lacks these. */
  async function syncWithout(
    gone: ReadonlySet<string>,
    reads = Number.POSITIVE_INFINITY,
    mode = SyncMode.FULL,
    alter: (page: UsersPage, nth: number) => UsersPage = (page) => page,
  ) {
    const { users } = world.core.apple;
    let read = 0;
    const altered: typeof users = async (...asked): Promise<UsersPage> => {
      const page = await users(...asked);
      read += 1;
      if (read > reads) return page;
      return alter({ ...page, users: page.users.filter((user) => !gone.has(user.clientUserId)) }, read);
    };
    await world.read(
      "INSERT INTO sync_run (token_id, mode, trigger, state, started_at) VALUES ($1, $2, 'MANUAL', 'QUEUED', now()) ON CONFLICT DO NOTHING",
      [tokenId, mode],
    );
    await syncToken({ ...world.core, apple: { ...world.core.apple, users: altered } }, { tokenId });
    const [run] = await world.read<{ state: string }>(
      "SELECT state FROM sync_run ORDER BY ended_at DESC NULLS LAST LIMIT 1",
    );
    return run?.state;
  }

  const statusOf = ({ id }: Person) => world.read("SELECT status FROM apple_user WHERE id = $1", [id]);
  const held = ({ client_user_id }: Person) =>
    world.read("SELECT id FROM license WHERE holder_key = $1 AND ended_at IS NULL", [client_user_id]);

  it("is over after two reads, and its holdings stay visible by their key", async () => {
    const person = await holder();
    const before = await held(person);
    expect(await syncWithout(new Set([person.client_user_id]))).toBe("SUCCEEDED");
    expect(await statusOf(person)).toEqual([{ status: "RETIRED" }]);
    expect(before.length).toBeGreaterThan(0);
    expect(await held(person)).toEqual(before);
  });

  it("is not over when the second read shows it", async () => {
    const person = await holder();
    await syncWithout(new Set([person.client_user_id]), 1);
    expect(await statusOf(person)).toEqual([{ status: "ASSOCIATED" }]);
  });

  it.each([
    ["in the first list", 1],
    ["in the second list", 2],
  ])("is not over where some are in a state that this release does not know: %s", async (_, nth) => {
    const person = await holder();
    const unknownState = (page: UsersPage, read: number) => (read === nth ? { ...page, skipped: 1 } : page);
    await syncWithout(new Set([person.client_user_id]), Number.POSITIVE_INFINITY, SyncMode.FULL, unknownState);
    expect(await statusOf(person)).toEqual([{ status: "ASSOCIATED" }]);
  });

  it("is not looked for in a delta, which shows changes only", async () => {
    const person = await holder();
    await syncWithout(new Set([person.client_user_id]), Number.POSITIVE_INFINITY, SyncMode.DELTA);
    expect(await statusOf(person)).toEqual([{ status: "ASSOCIATED" }]);
  });

  it("is one of too many to be believed at once, until an equal second reading", async () => {
    const all = new Set(
      (await world.read<Person>("SELECT client_user_id FROM apple_user")).map((user) => user.client_user_id),
    );
    const live = "SELECT id FROM apple_user WHERE status <> 'RETIRED'";
    expect(await syncWithout(all)).toBe("HELD_BACK");
    expect(await world.read(live)).toHaveLength(USERS);
    expect(await syncWithout(all)).toBe("SUCCEEDED");
    expect(await world.read(live)).toEqual([]);
  });
});

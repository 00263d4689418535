import { afterEach, expect, it } from "vitest";
import type { AssignmentsPage, UsersPage } from "../../../src/sync/apple/apple-client.js";
import { AppleError } from "../../../src/sync/apple/apple-error.js";
import type { Core } from "../../../src/sync/core.js";
import { requestManualSync } from "../../../src/sync/tokens/request-manual-sync.js";
import { beginRun } from "../../../src/sync/tokens/run/run-record.js";
import type { Staging } from "../../../src/sync/tokens/run/staging.js";
import { streamHoldings } from "../../../src/sync/tokens/run/stream-holdings.js";
import { syncToken } from "../../../src/sync/tokens/sync-token.js";
import { eventually } from "../../support/eventually.js";
import { createTokenWorld, type TokenWorld } from "./token-world.js";

let world: TokenWorld;

afterEach(() => world.stop());

const withApple = (apple: Partial<Core["apple"]>): Core => ({
  ...world.core,
  apple: { ...world.core.apple, ...apple },
});

const somebodyWaits = () =>
  eventually(async () => {
    const [waiting] = await world.read(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return waiting ?? null;
  });

it("ends no registration without the verdict on a large loss, though there are no holdings to lose", async () => {
  world = await createTokenWorld({ apple: { users: 30, assigned: 0 } });
  const { tokenId } = await world.add();
  await syncToken(world.core, { tokenId });
  const { users } = world.core.apple;
  const emptied: typeof users = async (...asked): Promise<UsersPage> => ({ ...(await users(...asked)), users: [] });
  const sync = async () => {
    await world.core.dataSource.transaction((tx) => requestManualSync(tx, world.core, tokenId));
    await syncToken(withApple({ users: emptied }), { tokenId });
    return world.read("SELECT state FROM sync_run WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1");
  };
  const live = async () => (await world.read("SELECT id FROM apple_user WHERE status <> 'RETIRED'")).length;
  expect(await sync()).toEqual([{ state: "HELD_BACK" }]);
  expect(await live()).toBe(30);
  expect(await sync()).toEqual([{ state: "SUCCEEDED" }]);
  expect(await live()).toBe(0);
});

it("waits for a claim of the same holding, and neither waits for the other for ever", async () => {
  world = await createTokenWorld({ apple: { apps: 4, licenses: 40, users: 0, assigned: 12 } });
  const { tokenId } = await world.add();
  const { assignments } = world.core.apple;
  const claim = world.core.dataSource.createQueryRunner();
  let shown: AssignmentsPage["assignments"][number] | undefined;
  const claimedMeanwhile: typeof assignments = async (...asked) => {
    const page = await assignments(...asked);
    if (!shown) {
      [shown] = page.assignments;
      await claim.startTransaction();
      await claim.query("UPDATE store_app SET held_count = held_count + 1 WHERE adam_id = $1", [shown?.adamId]);
    }
    return page;
  };
  const ended = syncToken(withApple({ assignments: claimedMeanwhile }), { tokenId }).catch((error: unknown) => error);
  await somebodyWaits();
  await claim.query(
    `INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor)
     SELECT token_id, id, 'DEVICE', $2, 'CLAIMING', now(), 'DEPLOYMENT', 'deployment' FROM store_app WHERE adam_id = $1`,
    [shown?.adamId, shown?.serialNumber],
  );
  await claim.commitTransaction();
  await claim.release();
  expect(await ended).toBeUndefined();
  expect(await world.read("SELECT state FROM license WHERE holder_key = $1", [shown?.serialNumber])).toContainEqual({
    state: "CLAIMING",
  });
  expect(
    await world.read(
      `SELECT id FROM store_app WHERE held_count <> (SELECT count(*) FROM license
       WHERE license.token_id = store_app.token_id AND store_app_id = store_app.id AND ended_at IS NULL)`,
    ),
  ).toEqual([]);
});

it("ends no sooner than what it is writing when Apple goes away, since that uses the run's session", async () => {
  world = await createTokenWorld({ apple: { users: 0, assigned: 0 } });
  await world.add();
  const run = await beginRun(world.core, (await world.read<{ id: string }>("SELECT id FROM token"))[0]?.id ?? "");
  if (!run) throw new Error("There is no run");
  const order: string[] = [];
  let write: (() => void) | undefined;
  const writing = new Promise<void>((resolve) => {
    write = resolve;
  });
  const addAssignments = async () => {
    await writing;
    order.push("written");
  };
  const page = { assignments: Array.from({ length: 10_000 }, () => ({})) } as unknown as AssignmentsPage;
  const staging = { addAssignments } as unknown as Staging;
  const ended = streamHoldings({ core: world.core, run, staging }, "apple", async (take) => {
    await take(page);
    throw new AppleError("Apple is away", { kind: "retryable" });
  }).catch(({ message }: AppleError) => order.push(message));
  await world.read("SELECT pg_sleep(0.05)");
  write?.();
  await ended;
  expect(order).toEqual(["written", "Apple is away"]);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { AppleOperationState } from "../../../../src/entities/apple-operation.js";
import type { StoreApp } from "../../../../src/entities/store-app.js";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../../src/entities/sync-run.js";
import { type Token, TokenHealthState } from "../../../../src/entities/token.js";
import { requestSync } from "../../../../src/sync/tokens/request-sync.js";
import { createNotificationWorld, type NotificationWorld } from "./notification-world.js";

const DELTA_ASKED = { mode: "DELTA", trigger: "NOTIFICATION", state: "QUEUED" };

let world: NotificationWorld;
let token: Token;
let app: StoreApp;
beforeAll(async () => {
  world = await createNotificationWorld();
});
beforeEach(async () => {
  token = await world.token();
  app = await world.app(token);
});
afterAll(() => world.stop());

const change = (eventId: string | null) => ({ type: "ASSOCIATE", result: "SUCCESS", eventId, assignments: [] });
const stock = ({ adamId }: StoreApp, countDelta = 1) => ({ adamId, pricingParam: "STDQ", countDelta });

/** That nothing at all follows. */
async function expectNothing(): Promise<void> {
  expect(await world.openRuns(token)).toEqual([]);
  expect(await world.hintedAt(token)).toBeNull();
  for (const job of ["sync-token", "run-operations", "license-installations"]) {
    expect(await world.jobs(token, job)).toEqual([]);
  }
}

const assetReads = () => world.apple.world.requests.entries.filter(({ path }) => path.includes("/assets?")).length;

const inSeconds = (at: Date | undefined) => ((at?.getTime() ?? 0) - world.core.clock.now().getTime()) / 1000;

describe("a change that is not ours", () => {
  it("has what has changed read soon, and leaves a hint of when it came", async () => {
    const before = world.core.clock.now();
    await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
    expect((await world.hintedAt(token))?.getTime()).toBeGreaterThanOrEqual(before.getTime());
    const [at, ...more] = await world.jobs(token, "sync-token");
    expect(more).toEqual([]);
    expect(inSeconds(at)).toBeGreaterThan(1);
    expect(await world.outcomes(token)).toEqual([expect.stringContaining("not ours")]);
  });

  it("has it read once, however many notifications it makes and however they are read", async () => {
    for (let part = 0; part < 250; part += 1) {
      await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
      if (part % 50 === 0) await world.readAll(token);
    }
    await world.readAll(token);
    expect(await world.read("SELECT 1 FROM sync_run WHERE token_id = $1", [token.id])).toHaveLength(1);
    expect(await world.jobs(token, "sync-token")).toHaveLength(1);
    expect(new Set(await world.outcomes(token)).has(null)).toBe(false);
  });

  it("has it read a minute after the last reading while changes go on", async () => {
    await world.core.dataSource.query("UPDATE token SET last_sync_at = $2 WHERE id = $1", [
      token.id,
      world.core.clock.now(),
    ]);
    await world.notify(token, "USER_MANAGEMENT", { ...change(null), type: "RETIRE" });
    await world.readAll(token);
    const [at] = await world.jobs(token, "sync-token");
    expect(inSeconds(at)).toBeGreaterThan(30);
  });

  it("leaves its hint with a run that goes on, which another follows, and moves no hint back", async () => {
    await world.samples.syncRun(token, { state: SyncRunState.RUNNING, endedAt: null, mode: SyncMode.FULL });
    const later = world.core.clock.in(60_000);
    await world.core.dataSource.query("UPDATE token SET hinted_at = $2 WHERE id = $1", [token.id, later]);
    await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
    await world.readAll(token);
    expect(await world.openRuns(token)).toMatchObject([{ state: "RUNNING", mode: "FULL" }]);
    expect(await world.hintedAt(token)).toEqual(later);
  });

  it("brings no run forward that waits for a reason of its own", async () => {
    const at = world.core.clock.in(300_000);
    await world.core.dataSource.transaction((tx) =>
      requestSync(tx, world.core, token.id, { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY, at }),
    );
    await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
    await world.notify(token, "USER_ASSOCIATED", { associatedUsers: [] });
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([{ mode: "FULL", trigger: "RECOVERY", state: "QUEUED" }]);
    expect(await world.jobs(token, "sync-token")).toEqual([at]);
    expect(await world.hintedAt(token)).not.toBeNull();
  });

  it.each([TokenHealthState.CLAIMED_ELSEWHERE, TokenHealthState.READ_ONLY])(
    "is read with a token that may only read: %s",
    async (state) => {
      await world.core.dataSource.query("UPDATE token SET health_state = $2 WHERE id = $1", [token.id, state]);
      await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
      await world.readAll(token);
      expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
    },
  );

  it.each([TokenHealthState.EXPIRED, TokenHealthState.REVOKED, TokenHealthState.INVALID, TokenHealthState.SUSPENDED])(
    "is only noted while Apple would not answer, or an admin has paused the token: %s",
    async (state) => {
      await world.core.dataSource.query("UPDATE token SET health_state = $2 WHERE id = $1", [token.id, state]);
      await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
      await world.readAll(token);
      expect(await world.openRuns(token)).toEqual([]);
      expect(await world.hintedAt(token)).not.toBeNull();
    },
  );
});

describe("our own change", () => {
  it("has its event looked at soon instead of in half a minute, and never counts as somebody else's", async () => {
    const operation = await world.operation(app, "ours");
    for (let part = 0; part < 3; part += 1) await world.notify(token, "ASSET_MANAGEMENT", change("ours"));
    await world.readAll(token);
    const [seen] = await world.read<{ next_attempt_at: Date; state: string }>(
      "SELECT next_attempt_at, state FROM apple_operation WHERE token_id = $1 AND id = $2",
      [token.id, operation.id],
    );
    expect(seen?.state).toBe("SENT");
    expect(inSeconds(seen?.next_attempt_at)).toBeLessThan(10);
    expect((await world.jobs(token, "run-operations")).map(inSeconds)).toEqual([expect.any(Number)]);
    expect(await world.openRuns(token)).toEqual([]);
    expect(await world.hintedAt(token)).toBeNull();
  });

  it.each([
    ["ended", { state: AppleOperationState.DONE, endedAt: new Date() }],
    ["is looked up already", { state: AppleOperationState.UNKNOWN }],
    ["waits for the token", { state: AppleOperationState.PAUSED }],
  ])("leads to nothing when its operation %s", async (_, own) => {
    const { nextAttemptAt } = await world.operation(app, "ours", own);
    await world.notify(token, "USER_MANAGEMENT", { ...change("ours"), type: "CREATE" });
    await world.readAll(token);
    await expectNothing();
    expect(await world.read("SELECT next_attempt_at FROM apple_operation WHERE token_id = $1", [token.id])).toEqual([
      { next_attempt_at: nextAttemptAt },
    ]);
  });

  it("waits unread while its operation is being sent, and is ours once the event's id is known (rule 2)", async () => {
    const operation = await world.operation(app, null, { state: AppleOperationState.SENDING });
    await world.notify(token, "ASSET_MANAGEMENT", change("to-be-known"));
    await world.notify(token, "TEST_NOTIFICATION", {});
    await world.readAll(token);
    expect(await world.outcomes(token)).toEqual([null, expect.stringContaining("test")]);
    expect((await world.jobs(token, "read-notifications")).some((at) => inSeconds(at) > 0)).toBe(true);
    await world.core.dataSource.query(
      "UPDATE apple_operation SET state = 'SENT', event_id = 'to-be-known' WHERE token_id = $1 AND id = $2",
      [token.id, operation.id],
    );
    await world.readAll(token);
    expect(await world.outcomes(token)).toEqual([expect.stringContaining("Our own"), expect.any(String)]);
    expect(await world.openRuns(token)).toEqual([]);
  });

  it("turns out to be somebody else's once nothing is being sent", async () => {
    const operation = await world.operation(app, null, { state: AppleOperationState.SENDING });
    await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([]);
    await world.core.dataSource.query(
      "UPDATE apple_operation SET state = 'SENT', event_id = 'ours' WHERE token_id = $1 AND id = $2",
      [token.id, operation.id],
    );
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });

  it("is not waited for without end", async () => {
    await world.operation(app, null, { state: AppleOperationState.SENDING });
    await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
    await world.core.dataSource.query(
      "UPDATE apple_notification SET received_at = received_at - interval '2 minutes' WHERE token_id = $1",
      [token.id],
    );
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });
});

describe("moved stock", () => {
  it("is read at Apple, once an app, and then given out; what the notification counts is nothing to us", async () => {
    const other = await world.app(token, 1);
    const before = assetReads();
    for (const told of [app, other, app, app]) await world.notify(token, "ASSET_COUNT", stock(told, 1_000_000));
    await world.readAll(token);
    expect(assetReads() - before).toBe(2);
    for (const { id, adamId } of [app, other]) {
      const owned = [...(world.apple.world.locations[0]?.assets.rows ?? [])].find(({ item }) => item.adamId === adamId);
      expect(
        await world.read("SELECT total_count FROM store_app WHERE token_id = $1 AND id = $2", [token.id, id]),
      ).toEqual([{ total_count: owned?.totalCount }]);
    }
    expect(await world.jobs(token, "license-installations")).toHaveLength(1);
    expect(await world.openRuns(token)).toEqual([]);
  });

  it("of many apps at once is read with the whole list", async () => {
    const apps = [app, ...(await Promise.all(Array.from({ length: 11 }, (_, index) => world.app(token, index + 1))))];
    const before = assetReads();
    for (const told of apps) await world.notify(token, "ASSET_COUNT", stock(told));
    await world.readAll(token);
    expect(assetReads()).toBe(before);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });

  it("of an app that is not here is read with what has changed", async () => {
    await world.notify(token, "ASSET_COUNT", { adamId: "987654321", pricingParam: "STDQ", countDelta: 5 });
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });

  it("of an app that was no longer listed is read with what has changed", async () => {
    await world.core.dataSource.query("UPDATE store_app SET unlisted_at = now() WHERE token_id = $1", [token.id]);
    await world.notify(token, "ASSET_COUNT", stock(app));
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });

  it("of an app that Apple no longer lists is read with what has changed", async () => {
    const gone = await world.samples.storeApp(token, { adamId: "987654321", totalCount: 5, countsAt: new Date(0) });
    await world.notify(token, "ASSET_COUNT", stock(gone, -5));
    await world.readAll(token);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });

  it("is read later when Apple cannot be asked now", async () => {
    const refused = world.core.secrets.seal("bm90IGEgdG9rZW4=", { table: "token", column: "secret", row: token.id });
    await world.core.dataSource.query("UPDATE token SET secret = $2 WHERE id = $1", [token.id, refused]);
    await world.notify(token, "ASSET_COUNT", stock(app));
    await world.readAll(token);
    expect(await world.outcomes(token)).toEqual([expect.stringContaining("Stock has moved")]);
    expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
  });
});

it("has an accepted invitation read at once, ahead of a reading that gathers hints", async () => {
  await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
  await world.readAll(token);
  await world.notify(token, "USER_ASSOCIATED", { associatedUsers: [{ clientUserId: "u" }] });
  await world.readAll(token);
  const [first] = await world.jobs(token, "sync-token");
  expect(inSeconds(first)).toBeLessThanOrEqual(0);
  expect(await world.openRuns(token)).toEqual([DELTA_ASKED]);
});

it("passes over what it cannot read, with the reason, and reads the others", async () => {
  await world.notify(token, "ASSET_MANAGEMENT", "no object");
  await world.notify(token, "SUBSCRIPTION_COUNT", {});
  await world.notify(token, "ASSET_COUNT", { adamId: [] });
  await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
  await world.readAll(token);
  const passedOver = expect.stringMatching(/^Passed over\. It .+\.$/);
  expect(await world.outcomes(token)).toEqual([
    passedOver,
    passedOver,
    passedOver,
    expect.stringContaining("not ours"),
  ]);
});

it("ignores what is of another location, and warns", async () => {
  const warn = vi.spyOn(world.core.log, "warn");
  await world.notify(token, "ASSET_MANAGEMENT", change("theirs"), { uId: "1", notificationId: "strayed" });
  await world.readAll(token);
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ tokenId: token.id, notificationId: "strayed" }),
    expect.any(String),
  );
  warn.mockRestore();
  expect(await world.outcomes(token)).toEqual([expect.stringContaining("another Apple location")]);
  await expectNothing();
});

it("reads nothing twice", async () => {
  await world.notify(token, "ASSET_MANAGEMENT", change("theirs"));
  await world.readAll(token);
  await world.core.dataSource.query("UPDATE sync_run SET state = 'SUCCEEDED', ended_at = now() WHERE token_id = $1", [
    token.id,
  ]);
  await world.readAll(token);
  expect(await world.openRuns(token)).toEqual([]);
});

it("does nothing for a token that is gone", async () => {
  await expect(
    world.readAll({ ...token, id: "00000000-0000-4000-8000-000000000000" } as Token),
  ).resolves.toBeUndefined();
});

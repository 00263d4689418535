import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlertKind } from "../../../src/entities/alert.js";
import { AlertRuleKind } from "../../../src/entities/alert-rule.js";
import { AppleOperationState } from "../../../src/entities/apple-operation.js";
import { UNLIMITED } from "../../../src/entities/store-app.js";
import { SyncRunState } from "../../../src/entities/sync-run.js";
import type { Token } from "../../../src/entities/token.js";
import { checkAlerts, checkTokenAlerts } from "../../../src/sync/alerts/check-alerts.js";
import { setAlertRule, type WantedAlertRule } from "../../../src/sync/alerts/set-alert-rule.js";
import { SampleRows } from "../../http/sample-rows.js";
import { pagesRead } from "../../support/pages-read.js";
import { createTargetWorld, type TargetWorld } from "../targets/target-world.js";

let world: TargetWorld;
let rows: SampleRows;
let token: Token;
beforeEach(async () => {
  world = await createTargetWorld([]);
  rows = new SampleRows(world.core.dataSource);
  token = await rows.token();
});
afterEach(() => world.stop());

const NO_THRESHOLD = { below: null, belowPercent: null, failures: null, afterHours: null, attempts: null };

function rule(own: Partial<WantedAlertRule> & { kind: AlertRuleKind }): Promise<string> {
  const wanted = { ...NO_THRESHOLD, tokenId: null, storeApp: null, muted: false, ...own };
  return world.core.dataSource.transaction((tx) => setAlertRule(tx, world.core, wanted, "admin"));
}

async function open(kind: AlertKind): Promise<string[]> {
  const found = await world.read<{ subject: string }>(
    "SELECT subject FROM alert WHERE kind = $1 AND cleared_at IS NULL ORDER BY subject",
    [kind],
  );
  return found.map(({ subject }) => subject);
}

/** An app with so many licences left of a hundred. */
const app = (left: number, own: object = {}) =>
  rows.storeApp(token, { totalCount: 100, availableCount: left, heldCount: 100 - left, ...own });

describe("low stock", () => {
  it("is fewer free licences than the rule's number, or than its share of what was bought", async () => {
    const few = await app(9);
    await app(10);
    await app(0, { totalCount: UNLIMITED });
    await app(0, { unlistedAt: new Date() });
    await rule({ kind: AlertRuleKind.LOW_STOCK, below: 10 });
    await checkAlerts(world.core);
    expect(await open(AlertKind.LOW_STOCK)).toEqual([few.globalId]);
    await rule({ kind: AlertRuleKind.LOW_STOCK, belowPercent: 11 });
    await checkAlerts(world.core);
    expect(await open(AlertKind.LOW_STOCK)).toHaveLength(2);
  });

  it("is decided by the rule of the app, else of the token, else of the installation", async () => {
    const own = await app(50);
    const muted = await app(0);
    const other = await rows.storeApp(await rows.token(), { availableCount: 4 });
    await rule({ kind: AlertRuleKind.LOW_STOCK, below: 5 });
    await rule({ kind: AlertRuleKind.LOW_STOCK, tokenId: token.id, muted: true });
    await rule({ kind: AlertRuleKind.LOW_STOCK, storeApp: own, below: 60 });
    await checkAlerts(world.core);
    expect(await open(AlertKind.LOW_STOCK)).toEqual([own.globalId, other.globalId].sort());
    expect(await open(AlertKind.LOW_STOCK)).not.toContain(muted.globalId);
  });

  it("leaves an alert alone that stays as it is, and those of other tokens after one token's synchronisation", async () => {
    await app(1);
    const other = await rows.storeApp(await rows.token(), { availableCount: 0 });
    await rule({ kind: AlertRuleKind.LOW_STOCK, below: 5 });
    await checkAlerts(world.core);
    const versions = () => world.read("SELECT id, xmin::text, xmax::text FROM alert ORDER BY id");
    const before = await versions();
    await world.read("UPDATE store_app SET available_count = 10 WHERE id = $1", [other.id]);
    await checkTokenAlerts(world.core, { tokenId: token.id });
    expect(await versions()).toEqual(before);
    await checkAlerts(world.core);
    expect(await open(AlertKind.LOW_STOCK)).toHaveLength(1);
  });
});

it("raises masses of alerts without comparing each with all", async () => {
  await world.read(
    `INSERT INTO store_app (token_id, adam_id, product_type, name, device_assignable, revocable, pricing_param, total_count,
                            assigned_count, available_count, retired_count, counts_at)
     SELECT $1, at, 'APP', 'App ' || at, true, true, 'STDQ', 10, 0, 0, 0, now() FROM generate_series(1, 3000) AS at`,
    [token.id],
  );
  await rule({ kind: AlertRuleKind.LOW_STOCK, below: 5 });
  const read = await pagesRead(world.core.dataSource, "alert", (dataSource) =>
    checkAlerts({ ...world.core, dataSource }),
  );
  expect(await open(AlertKind.LOW_STOCK)).toHaveLength(3_000);
  expect(read).toBeLessThan(30_000);
});

describe("a failed synchronisation", () => {
  const run = (day: number, state: SyncRunState) => {
    const at = new Date(Date.UTC(2030, 0, day));
    return rows.syncRun(token, {
      state,
      startedAt: at,
      endedAt: at,
      error: state === "FAILED" ? "Apple is away." : null,
    });
  };

  it("is noticed after as many in a row as the rule says, cancelled ones left out, and over with a good one", async () => {
    await rule({ kind: AlertRuleKind.SYNC_FAILED, failures: 2 });
    await run(1, SyncRunState.SUCCEEDED);
    await run(2, SyncRunState.FAILED);
    await checkAlerts(world.core);
    expect(await open(AlertKind.SYNC_FAILED)).toEqual([]);
    await run(3, SyncRunState.CANCELLED);
    await run(4, SyncRunState.FAILED);
    await checkTokenAlerts(world.core, { tokenId: token.id });
    expect(await open(AlertKind.SYNC_FAILED)).toEqual([token.globalId]);
    const [alert] = await world.read<{ message: string; token_id: string }>("SELECT message, token_id FROM alert");
    expect(alert).toMatchObject({ message: expect.stringContaining("Apple is away."), token_id: token.id });
    await run(5, SyncRunState.SUCCEEDED);
    await checkTokenAlerts(world.core, { tokenId: token.id });
    expect(await open(AlertKind.SYNC_FAILED)).toEqual([]);
  });
});

describe("a stuck operation", () => {
  it("is one that is open for too long or was sent too often, and not one that is paused or over", async () => {
    const { core } = world;
    const old = new Date(core.clock.now().getTime() - core.clock.scaled(25 * 3_600_000));
    const createdAt = core.clock.now();
    const owner = await app(50);
    await world.read("UPDATE token SET health_since = $1", [old]);
    const long = await rows.appleOperation(owner, { createdAt: old });
    const often = await rows.appleOperation(owner, { createdAt, attempts: 4 });
    await rows.appleOperation(owner, { createdAt, attempts: 4, forgivenAttempts: 2 });
    await rows.appleOperation(owner, { createdAt: old, state: AppleOperationState.PAUSED });
    await rows.appleOperation(owner, { createdAt: old, state: AppleOperationState.DONE, endedAt: createdAt });
    await checkAlerts(core);
    expect(await open(AlertKind.OPERATION_STUCK)).toEqual([long.globalId, often.globalId].sort());
  });

  it("has the hours during which its token might not write left out", async () => {
    const { core } = world;
    const hoursAgo = (hours: number) => new Date(core.clock.now().getTime() - core.clock.scaled(hours * 3_600_000));
    await rows.appleOperation(await app(50), { createdAt: hoursAgo(100) });
    await world.read("UPDATE token SET health_since = $1", [hoursAgo(2)]);
    await checkAlerts(core);
    expect(await open(AlertKind.OPERATION_STUCK)).toEqual([]);
    await world.read("UPDATE token SET health_since = $1", [hoursAgo(25)]);
    await checkAlerts(core);
    expect(await open(AlertKind.OPERATION_STUCK)).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstallationState } from "../../src/entities/installation.js";
import { type StoreApp, UNLIMITED } from "../../src/entities/store-app.js";
import { snapshotCounts } from "../../src/sync/tokens/snapshot-counts.js";
import { pagesRead } from "../support/pages-read.js";
import { type SampleApi, startSampleApi } from "./sample-api.js";

const DAY_MS = 24 * 60 * 60_000;
const daysAgo = (days: number) => new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS);

let api: SampleApi;
beforeAll(async () => {
  api = await startSampleApi();
});
afterAll(() => api.close());

/** Takes the snapshot of a day. */
const snapshot = (at: Date) => snapshotCounts({ ...api.core, clock: { ...api.core.clock, now: () => at } });
const count = (app: StoreApp, set: string) =>
  api.dataSource.query(`UPDATE store_app SET ${set} WHERE token_id = $1`, [app.tokenId]);
const kept = (app: StoreApp) =>
  api.dataSource.query("SELECT day FROM count_snapshot WHERE token_id = $1", [app.tokenId]);

interface History {
  readonly storeApp: { readonly licenseHistory: readonly Record<string, unknown>[] };
}
const HISTORY = `query ($id: ID!, $from: DateTime!, $to: DateTime) {
  storeApp(id: $id) { licenseHistory(from: $from, to: $to) { day bought assigned held free waiting retired } }
}`;
async function history(app: StoreApp, from: Date, to?: Date) {
  const { storeApp } = (await api.read(HISTORY, { id: app.globalId, from, to })) as History;
  return storeApp.licenseHistory;
}

describe("the history of an app's counts", () => {
  test("tells each day, though only changes are kept", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    await snapshot(daysAgo(5));
    await snapshot(daysAgo(4));
    await count(app, "held_count = 3, assigned_count = 3, available_count = 7");
    await snapshot(daysAgo(3));
    await snapshot(daysAgo(2));
    expect(await kept(app)).toHaveLength(2);
    const none = { bought: 10, assigned: 0, held: 0, free: 10, waiting: 0, retired: 0 };
    const three = { ...none, assigned: 3, held: 3, free: 7 };
    expect(await history(app, daysAgo(7), daysAgo(2))).toEqual([
      { day: daysAgo(5).toISOString(), ...none },
      { day: daysAgo(4).toISOString(), ...none },
      { day: daysAgo(3).toISOString(), ...three },
      { day: daysAgo(2).toISOString(), ...three },
    ]);
    await snapshot(daysAgo(0));
    expect(await history(app, daysAgo(0))).toEqual([{ day: daysAgo(0).toISOString(), ...three }]);
  });

  test("leaves out the days of which none were taken, and no trend is based on these", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    await snapshot(daysAgo(40));
    await snapshot(daysAgo(38));
    const days = (await history(app, daysAgo(42), daysAgo(37))).map(({ day }) => day);
    expect(days).toEqual([daysAgo(40).toISOString(), daysAgo(38).toISOString()]);
    const { storeApp } = (await api.read("query ($id: ID!) { storeApp(id: $id) { forecast { basedOnDays } } }", {
      id: app.globalId,
    })) as { storeApp: { forecast: { basedOnDays: number } } };
    expect(storeApp.forecast.basedOnDays).toBe((await history(app, daysAgo(90))).length);
  });

  test("keeps the counts with which a day began, and who waited", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const deployment = await api.rows.deployment(app, await api.rows.target(), await api.rows.collection());
    const device = await api.rows.device();
    await api.rows.installation(deployment, { deviceId: device.id, state: InstallationState.WAITING_FOR_LICENSE });
    await snapshot(daysAgo(1));
    await count(app, "total_count = 20");
    await snapshot(new Date(daysAgo(1).getTime() + DAY_MS / 2));
    expect(await history(app, daysAgo(1), daysAgo(1))).toMatchObject([{ bought: 10, waiting: 1 }]);
  });

  test("has neither a total nor free licences of an unlimited item", async () => {
    const app = await api.rows.storeApp(await api.rows.token(), { totalCount: UNLIMITED, availableCount: UNLIMITED });
    await snapshot(daysAgo(1));
    expect(await history(app, daysAgo(1), daysAgo(1))).toMatchObject([{ bought: null, free: null, held: 0 }]);
  });

  test("of more days than are told at once is refused with the limit", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const { errors } = await api.ask(HISTORY, { id: app.globalId, from: daysAgo(1_100) });
    expect(errors[0]?.extensions).toMatchObject({
      code: "LIMIT_EXCEEDED",
      details: { kind: "days", limit: 1_100, asked: 1_101 },
    });
  });

  test("is refused for a period that ends before it begins", async () => {
    const app = await api.rows.storeApp(await api.rows.token());
    const { errors } = await api.ask(
      "query ($id: ID!, $from: DateTime!, $to: DateTime) { licenseHistory(storeApp: $id, from: $from, to: $to) { day } }",
      { id: app.globalId, from: daysAgo(1), to: daysAgo(2) },
    );
    expect(errors[0]?.extensions.code).toBe("INVALID_INPUT");
  });
});

test("the counts of a day are kept without reading all that is kept for each app", async () => {
  const token = await api.rows.token();
  await api.dataSource.query(
    `INSERT INTO store_app (token_id, adam_id, product_type, name, device_assignable, revocable, pricing_param, total_count,
                            assigned_count, available_count, retired_count, counts_at)
     SELECT $1, at, 'APP', 'App ' || at, true, true, 'STDQ', 10, 0, 10, 0, now() FROM generate_series(1, 3000) AS at`,
    [token.id],
  );
  await api.dataSource.query("TRUNCATE count_snapshot");
  const read = await pagesRead(api.dataSource, "count_snapshot", (dataSource) =>
    snapshotCounts({ ...api.core, dataSource }),
  );
  expect(await api.dataSource.query("SELECT FROM count_snapshot WHERE token_id = $1", [token.id])).toHaveLength(3_000);
  expect(read).toBeLessThan(30_000);
});

describe("the forecast", () => {
  const FORECAST = "query ($id: ID!) { storeApp(id: $id) { forecast { perDay basedOnDays endsAt } } }";
  interface Told {
    readonly perDay: number | null;
    readonly basedOnDays: number;
    readonly endsAt: string | null;
  }
  const forecast = async (app: StoreApp) =>
    ((await api.read(FORECAST, { id: app.globalId })) as { storeApp: { forecast: Told } }).storeApp.forecast;

  /** So many licences more in use each day, up to now. */
  async function growing(perDay: number, days: number, own: Partial<StoreApp> = {}): Promise<StoreApp> {
    const app = await api.rows.storeApp(await api.rows.token(), own);
    for (let day = days - 1; day >= 0; day -= 1) {
      await count(app, `held_count = ${100 + perDay * (days - 1 - day)}`);
      await snapshot(daysAgo(day));
    }
    return app;
  }

  test("draws the line of what was wanted on to the day when nothing is free any more", async () => {
    const app = await growing(2, 10, { totalCount: 140, availableCount: 140 });
    const { perDay, basedOnDays, endsAt } = await forecast(app);
    expect({ perDay: perDay?.toFixed(3), basedOnDays }).toEqual({ perDay: "2.000", basedOnDays: 10 });
    expect((new Date(endsAt ?? 0).getTime() - Date.now()) / DAY_MS).toBeCloseTo((140 - 118) / 2, 1);
  });

  test("names no day where fewer are wanted each day, or the item is unlimited", async () => {
    expect(await forecast(await growing(-2, 10, { totalCount: 140, availableCount: 140 }))).toMatchObject({
      endsAt: null,
    });
    const unlimited = await growing(2, 10, { totalCount: UNLIMITED, availableCount: UNLIMITED });
    expect(await forecast(unlimited)).toMatchObject({ endsAt: null });
  });

  test("waits for a week of days before it speaks of a trend", async () => {
    const app = await growing(2, 6, { totalCount: 140, availableCount: 140 });
    expect(await forecast(app)).toEqual({ perDay: null, basedOnDays: 6, endsAt: null });
  });

  test("says now where none is free and somebody waits", async () => {
    const app = await api.rows.storeApp(await api.rows.token(), { totalCount: 1, heldCount: 1, availableCount: 0 });
    const deployment = await api.rows.deployment(app, await api.rows.target(), await api.rows.collection());
    const device = await api.rows.device();
    await api.rows.installation(deployment, { deviceId: device.id, state: InstallationState.WAITING_FOR_LICENSE });
    const { endsAt } = await forecast(app);
    expect(Math.abs(new Date(endsAt ?? 0).getTime() - Date.now())).toBeLessThan(60_000);
  });
});

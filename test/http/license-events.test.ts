import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { StoreApp } from "../../src/entities/store-app.js";
import type { Token } from "../../src/entities/token.js";
import { SampleRows } from "./sample-rows.js";
import { startApi, type TestApi } from "./start-api.js";
import { type Subscriber, subscribe } from "./subscriber.js";

let api: TestApi;
let rows: SampleRows;
let token: Token;
let app: StoreApp;
const open: Subscriber<unknown>[] = [];
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
});
afterAll(() => api.close());
beforeEach(async () => {
  token = await rows.token();
  app = await rows.storeApp(token);
});
afterEach(async () => {
  for (const subscriber of open.splice(0)) await subscriber.stop();
});

interface Told {
  readonly licenseEvents: {
    readonly leftOutSince: string | null;
    readonly at: string;
    readonly license: { readonly id: string; readonly holderKey: string };
  };
}
function follow(since: Date | null): Subscriber<Told> {
  const query = `subscription ($token: ID, $since: DateTime) {
    licenseEvents(token: $token, since: $since) { leftOutSince at license { id holderKey } } }`;
  const subscriber = subscribe<Told>(api.url, query, { token: token.globalId, since });
  open.push(subscriber);
  return subscriber;
}
async function read(subscriber: Subscriber<Told>, count: number): Promise<Told["licenseEvents"][]> {
  const events: Told["licenseEvents"][] = [];
  while (events.length < count) events.push((await subscriber.next()).licenseEvents);
  return events;
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
/** Five minutes are for what is committed a little later than its own moment. */
const fiveBefore = (moment: Date) => new Date(moment.getTime() - 300_000).toISOString();

/** So many holdings that started at one moment, and what tells of them as the statement does that has written them. */
async function start(count: number, startedAt: Date): Promise<void> {
  await api.dataSource.query(
    `WITH added AS (
       INSERT INTO license (token_id, store_app_id, holder_kind, holder_key, state, started_at, start_cause, start_actor,
                            assigned_at)
       SELECT $1, $2, 'DEVICE', 'holder ' || number || ' of ' || $4::timestamptz, 'HELD', $4::timestamptz, 'EXTERNAL', 'apple', $4::timestamptz
       FROM generate_series(1, $3::int) AS number
       RETURNING token_id, id)
     SELECT tell_of_changes('license_event', ARRAY(SELECT token_id || ':' || id || ':0' FROM added))`,
    [token.id, app.id, count, startedAt],
  );
}

test("what may have been committed since a moment is told, and nothing that was before", async () => {
  await rows.syncRun(token, { startedAt: minutesAgo(300), endedAt: minutesAgo(200) });
  await rows.license(app, { holderKey: "of a run that had ended", startedAt: minutesAgo(250) });
  await rows.syncRun(token, { startedAt: minutesAgo(120), endedAt: minutesAgo(20) });
  await rows.license(app, { holderKey: "of a run that was under way", startedAt: minutesAgo(110) });
  await rows.license(app, { holderKey: "after", startedAt: minutesAgo(10) });
  const told = await read(follow(minutesAgo(60)), 2);
  expect(told.map(({ license, leftOutSince }) => [license.holderKey, leftOutSince])).toEqual([
    ["of a run that was under way", null],
    ["after", null],
  ]);
});

test("where more have to be told than are at once, the first one says since when some were left out", async () => {
  const begun = minutesAgo(90);
  await rows.syncRun(token, { startedAt: begun, endedAt: null });
  await start(501, minutesAgo(80));
  const told = await read(follow(minutesAgo(5)), 500);
  expect(told.map(({ leftOutSince }) => leftOutSince)).toEqual([fiveBefore(begun), ...Array(499).fill(null)]);
});

test("who asks for the newest alone is told of nothing left out", async () => {
  await start(501, minutesAgo(80));
  const told = await read(follow(null), 500);
  expect(new Set(told.map(({ leftOutSince }) => leftOutSince))).toEqual(new Set([null]));
});

test("when very many come at once that were read long ago, it is said since when some were left out", async () => {
  await start(1, minutesAgo(200));
  const events = follow(null);
  await read(events, 1);
  const begun = minutesAgo(90);
  await rows.syncRun(token, { startedAt: begun, endedAt: null });
  await start(500, new Date());
  await read(events, 500);
  await start(1_001, minutesAgo(80));
  const told = await read(events, 500);
  expect(told[0]?.leftOutSince).toBe(fiveBefore(begun));
});

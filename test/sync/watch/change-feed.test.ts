import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ChangedKeys, type ChangeFeed, openChangeFeed } from "../../../src/sync/watch/change-feed.js";
import { createTestDatabase, type TestDatabase } from "../../support/database.js";
import { eventually } from "../../support/eventually.js";
import { forget } from "../../support/forget.js";

let database: TestDatabase;
let feed: ChangeFeed;
let heard: ChangedKeys[];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await forget(database.dataSource, "token");
  feed = await openChangeFeed({ url: database.url, log: pino({ level: "silent" }) });
  heard = [];
  feed.listen("token", (keys) => heard.push(keys));
});
afterEach(() => feed.close());

const run = (text: string) => database.dataSource.query(text);
const addTokens = (count: number) =>
  run(`INSERT INTO token (id, authority, name, platform, secret, added_at, updated_at, health_since)
       SELECT gen_random_uuid(), 'SERVICE', 'T', 'BUSINESS', 'x', now(), now(), now() FROM generate_series(1, ${count})`);

/** What was heard until the feed, which keeps the order of the commits, tells of one more token. */
async function heardSoFar(): Promise<ChangedKeys[]> {
  const id = "00000000-0000-4000-8000-000000000000";
  await run(`INSERT INTO token (id, authority, name, platform, secret, added_at, updated_at, health_since)
             VALUES ('${id}', 'SERVICE', 'Last', 'BUSINESS', 'x', now(), now(), now())`);
  return eventually(async () => {
    const last = heard.findIndex((keys) => keys?.includes(id));
    return last < 0 ? null : heard.slice(0, last);
  });
}

test("a statement that changes many rows is told in few messages, none of them too long for PostgreSQL", async () => {
  await addTokens(250);
  const messages = await heardSoFar();
  expect(messages.map((keys) => keys?.length)).toEqual([100, 100, 50]);
  expect(new Set(messages.flat()).size).toBe(250);
});

test("a statement that changes a multitude of rows is told as one change of anything", async () => {
  await addTokens(1_001);
  expect(await heardSoFar()).toEqual([null]);
});

test("a statement that leaves every row's health as it was is not told at all", async () => {
  await addTokens(2);
  await run("UPDATE token SET last_sync_at = now(), health_state = health_state");
  await run("UPDATE token SET health_cause = 'Why' WHERE false");
  expect((await heardSoFar()).map((keys) => keys?.length)).toEqual([2]);
});

test("a change that is rolled back is not told", async () => {
  const { dataSource } = database;
  await expect(
    dataSource.transaction(async (tx) => {
      await tx.query(`INSERT INTO token (id, authority, name, platform, secret, added_at, updated_at, health_since)
                      VALUES (gen_random_uuid(), 'SERVICE', 'T', 'BUSINESS', 'x', now(), now(), now())`);
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await heardSoFar()).toEqual([]);
});

test.each(["no JSON", '{"topic": "later"}', ""])("a message of a later version is passed over: %j", async (payload) => {
  await run(`SELECT pg_notify('allotment_changes', '${payload}')`);
  expect(await heardSoFar()).toEqual([]);
});

test("a session that was lost is opened anew, and everything may have changed meanwhile", async () => {
  const cut = () =>
    run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'allotment changes' AND datname = current_database()`);
  await cut();
  await eventually(async () => (heard.includes(null) ? true : null));
  await cut();
  await eventually(async () => (heard.filter((keys) => keys === null).length === 2 ? true : null));
  await addTokens(1);
  await eventually(async () => (heard.at(-1)?.length === 1 ? true : null));
});

test("nobody is told after he stopped, and no session stays after the feed has closed", async () => {
  const told: ChangedKeys[] = [];
  const stop = feed.listen("token", (keys) => told.push(keys));
  stop();
  await addTokens(1);
  expect(await heardSoFar()).toHaveLength(1);
  expect(told).toEqual([]);
  await feed.close();
  const sessions = () =>
    run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'allotment changes' AND datname = current_database()");
  await eventually(async () => ((await sessions()).length === 0 ? true : null));
});

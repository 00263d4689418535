import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Token } from "../../../src/entities/token.js";
import { DEFAULT_LIMITS } from "../../../src/http/limits/limits.js";
import { eventually } from "../../support/eventually.js";
import { countListeners } from "../count-listeners.js";
import { SampleRows } from "../sample-rows.js";
import { startApi, type TestApi } from "../start-api.js";
import { byEventStream, byGet, byPost, bySocket } from "./ways.js";

const LIMIT_MS = 400;

let holder: TestApi;
let api: TestApi;
let token: Token;
beforeAll(async () => {
  holder = await startApi();
  api = await startApi(holder.database, { limits: { ...DEFAULT_LIMITS, queryMs: LIMIT_MS } });
  token = await new SampleRows(holder.dataSource).token();
});
afterAll(async () => {
  await api.close();
  await holder.close();
});

let letGo: () => Promise<void> = async () => undefined;
afterEach(() => letGo());

/** Has whoever reads or writes a table wait until `letGo`. */
async function hold(table: string): Promise<void> {
  const runner = holder.dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  letGo = async () => {
    letGo = async () => undefined;
    await runner.rollbackTransaction();
    await runner.release();
  };
}

const waiting = async (): Promise<number> => {
  const [{ count }] = await holder.dataSource.query(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return count;
};

const ENDED = { code: "LIMIT_EXCEEDED", details: { kind: "queryMs", limit: LIMIT_MS } };

test.each([
  ["POST", byPost],
  ["GET", byGet],
])("a query that takes too long over %s is ended, and the caller told once", async (_, send) => {
  await hold("token");
  const answer = await send(api.url, { query: "{ a: tokens { nodes { id } } b: tokens { totalCount } __typename }" });
  expect(answer).toEqual({ status: 200, data: null, errors: [ENDED] });
});

test("what it has asked of the database is ended with it, and its sessions serve others", async () => {
  await hold("token");
  const answers = await Promise.all(
    // More than there are sessions: some only wait for one.
    Array.from({ length: 30 }, () => byPost(api.url, { query: "{ tokens { nodes { id } } }" })),
  );
  expect(answers.map(({ errors }) => errors)).toEqual(Array.from({ length: 30 }, () => [ENDED]));
  await eventually(async () => ((await waiting()) === 0 ? true : null), waiting);
  await letGo();
  const { errors } = await byPost(api.url, { query: "{ tokens { nodes { id } } }" });
  expect(errors).toEqual([]);
});

test("a mutation is not cut off: it waits, and is done whole", async () => {
  await hold("token");
  const name = "Renamed";
  const sent = byPost(api.url, {
    query: "mutation ($input: UpdateTokenInput!) { updateToken(input: $input) { token { name } } }",
    variables: { input: { token: token.globalId, name } },
  });
  await eventually(async () => ((await waiting()) > 0 ? true : null), waiting);
  await sleep(2 * LIMIT_MS);
  await letGo();
  expect(await sent).toEqual({ status: 200, data: { updateToken: { token: { name } } }, errors: [] });
});

test.each([
  ["a stream of events", byEventStream],
  ["WebSocket", bySocket],
])("a subscription over %s is told of a reading that took too long, and goes on", async (_, send) => {
  await hold("store_app");
  const subscription = { query: "subscription { tokenHealthChanged { name storeApps { totalCount } } }" };
  expect((await send(api.url, subscription)).errors).toEqual([ENDED]);
  await letGo();
  expect((await send(api.url, subscription)).errors).toEqual([]);
});

test.each([
  ["a stream of events", byEventStream],
  ["WebSocket", bySocket],
])("a subscription over %s whose own reading takes too long is told so, and ended", async (_, send) => {
  await hold("alert");
  const listeners = countListeners(api.changes);
  const answer = await send(api.url, { query: "subscription { alertsChanged { message } }" });
  expect(answer).toMatchObject({ data: null, errors: [ENDED] });
  expect(listeners.noneLeft()).toBe(true);
  listeners.restore();
});

test.each([
  ["a stream of events", byEventStream],
  ["WebSocket", bySocket],
])("a subscription over %s that waits for a session of the database goes on when there is one", async (_, send) => {
  const { master: pool } = api.dataSource.driver as unknown as { readonly master: pg.Pool };
  const sessions = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  const answer = send(api.url, { query: "subscription { tokenHealthChanged { id } }" });
  await sleep(3 * LIMIT_MS);
  for (const session of sessions) session.release();
  expect(await answer).toMatchObject({ data: { tokenHealthChanged: { id: token.globalId } }, errors: [] });
});

import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Token } from "../../src/entities/token.js";
import { LiveUpdates, nodesOf } from "../../src/resolvers/live-updates.js";
import type { Core } from "../../src/sync/core.js";
import type { ChangedKeys, ChangeFeed } from "../../src/sync/watch/change-feed.js";
import { SampleRows } from "../http/sample-rows.js";
import { createTestDatabase, type TestDatabase } from "../support/database.js";

let database: TestDatabase;
let tokens: Token[];
let tell: (keys: ChangedKeys) => void;
let listeners: Set<(keys: ChangedKeys) => void>;
let live: LiveUpdates;
const open: AsyncIterableIterator<readonly Token[]>[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const rows = new SampleRows(database.dataSource);
  tokens = [await rows.token({ name: "First" }), await rows.token({ name: "Second" })];
});
afterAll(() => database.drop());
beforeEach(() => {
  listeners = new Set();
  tell = (keys) => {
    for (const listener of listeners) listener(keys);
  };
  const changes: ChangeFeed = {
    listen: (_topic, listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => undefined,
  };
  const clock = { now: () => new Date() };
  const core = { dataSource: database.dataSource, clock, log: pino({ level: "silent" }) } as unknown as Core;
  live = new LiveUpdates(core, changes);
});
afterEach(async () => {
  for (const rows of open.splice(0)) await rows.return?.();
  vi.restoreAllMocks();
});

const everything = () => ({ db: database.dataSource, teams: null });
const snapshot = vi.fn(async () => tokens.map(({ id }) => [id]));
function follow(): AsyncIterableIterator<readonly Token[]> {
  const rows = live.follow<Token>(everything(), {
    ...nodesOf(Token, snapshot),
    topic: "token",
    tokenId: null,
    isUnderWay: () => false,
  });
  open.push(rows);
  return rows;
}
async function read(turns: AsyncIterator<readonly Token[]>, count: number): Promise<string[]> {
  const names: string[] = [];
  while (names.length < count) {
    const told: readonly Token[] = (await turns.next()).value;
    names.push(...told.map(({ name }) => name));
  }
  expect(names).toHaveLength(count);
  return names;
}
const rename = (token: Token | undefined, name: string) =>
  database.dataSource.query("UPDATE token SET name = $2 WHERE id = $1", [token?.id, name]);

test("a slow subscriber is told once of a row that changed often, as it stands when it asks", async () => {
  const [first, second] = tokens;
  const rows = follow();
  await read(rows, 2);
  for (let time = 1; time <= 50; time += 1) {
    await rename(first, `Name ${time}`);
    tell([`${first?.id}`]);
  }
  tell([`${second?.id}`]);
  expect(await read(rows, 2)).toEqual(["Name 50", "Second"]);
  await rename(second, "Last");
  tell([`${second?.id}`]);
  expect(await read(rows, 1)).toEqual(["Last"]);
});

test("a slow subscriber of very many rows is told everything again instead of being remembered each", async () => {
  const rows = follow();
  await read(rows, 2);
  snapshot.mockClear();
  tell(Array.from({ length: 1_001 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`));
  expect(await read(rows, 2)).toHaveLength(2);
  expect(snapshot).toHaveBeenCalledTimes(1);
});

test("what all subscribers want to know is read in one statement", async () => {
  const all = Array.from({ length: 20 }, () => follow());
  for (const rows of all) await read(rows, 2);
  const pending = all.map((rows) => rows.next());
  const query = vi.spyOn(database.dataSource, "query");
  tell([`${tokens[0]?.id}`]);
  await Promise.all(pending);
  expect(query).toHaveBeenCalledTimes(1);
});

test("a row that is gone is not told of", async () => {
  const rows = follow();
  await read(rows, 2);
  tell(["00000000-0000-4000-8000-000000000000", `${tokens[1]?.id}`]);
  expect(await read(rows, 1)).toHaveLength(1);
});

test("one who leaves while waiting is told so at once, and nobody listens for him any more", async () => {
  const rows = follow();
  await read(rows, 2);
  const waiting = rows.next();
  await rows.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(listeners.size).toBe(0);
});

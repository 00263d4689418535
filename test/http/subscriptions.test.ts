import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeGlobalId } from "../../src/entities/global-id.js";
import { SyncPhase, type SyncRun, SyncRunState } from "../../src/entities/sync-run.js";
import type { Token } from "../../src/entities/token.js";
import { eventually } from "../support/eventually.js";
import { forget } from "../support/forget.js";
import { recordStatements } from "../support/record-statements.js";
import { countListeners } from "./count-listeners.js";
import { MOMENT, SampleRows } from "./sample-rows.js";
import { startApi, type TestApi } from "./start-api.js";
import { type Subscriber, subscribe } from "./subscriber.js";

let api: TestApi;
let rows: SampleRows;
let token: Token;
const open: Subscriber<unknown>[] = [];
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
});
afterAll(() => api.close());
beforeEach(async () => {
  await forget(api.dataSource, "token");
  token = await rows.token({ name: "Own" });
});
afterEach(async () => {
  for (const subscriber of open.splice(0)) await subscriber.stop();
});

interface Run {
  readonly syncRunChanged: { readonly id: string; readonly state: string; readonly pagesRead: number };
}
const RUNS = `subscription ($token: ID) {
  syncRunChanged(token: $token) { id state phase pagesRead pagesKnown endedAt token { name } }
}`;
interface Health {
  readonly tokenHealthChanged: { readonly name: string; readonly health: { readonly state: string } };
}
const HEALTH = "subscription ($token: ID) { tokenHealthChanged(token: $token) { name health { state cause } } }";

function follow<Data>(query: string, limitedTo: Token | null = token, url = api.url): Subscriber<Data> {
  const subscriber = subscribe<Data>(url, query, { token: limitedTo?.globalId ?? null });
  open.push(subscriber);
  return subscriber;
}

/** Waits until the service has heard of all that was changed before. */
async function settled(): Promise<void> {
  const key = randomUUID();
  const heard = new Promise<void>((resolve) => {
    const stop = api.changes.listen("token", (keys) => {
      if (!keys?.includes(key)) return;
      stop();
      resolve();
    });
  });
  const message = JSON.stringify({ topic: "token", keys: [key] });
  await api.dataSource.query("SELECT pg_notify('allotment_changes', $1)", [message]);
  await heard;
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const underWay = { state: SyncRunState.RUNNING, phase: SyncPhase.ASSIGNMENTS, endedAt: null };
const change = (run: SyncRun, own: Partial<SyncRun>) => api.dataSource.manager.save(Object.assign(run, own));
const finish = (run: SyncRun) => change(run, { state: SyncRunState.SUCCEEDED, endedAt: new Date() });
const setHealth = (of: Token, state: string) =>
  api.dataSource.query("UPDATE token SET health_state = $2, health_since = now() WHERE id = $1", [of.id, state]);

/** Ends the session by which the service hears of changes, as a failover does. */
async function cutSession(): Promise<void> {
  await api.dataSource.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'allotment changes' AND datname = current_database()`,
  );
}

describe("syncRunChanged", () => {
  test("begins with the newest synchronisation of each token, and with those that ended within the last hour", async () => {
    const other = await rows.token();
    const begun = (minutes: number, ended: number | null) => ({
      startedAt: minutesAgo(minutes),
      endedAt: ended === null ? null : minutesAgo(ended),
    });
    await rows.syncRun(token, begun(200, 61));
    const ended = await rows.syncRun(token, begun(150, 59));
    const newest = [await rows.syncRun(token, begun(100, null)), await rows.syncRun(other, begun(300, 290))];
    const runs = follow<Run>(RUNS, null);
    const told = [await runs.next(), await runs.next(), await runs.next()].map(
      ({ syncRunChanged }) => syncRunChanged.id,
    );
    expect(told.sort()).toEqual([ended, ...newest].map((run) => run.globalId).sort());
    const [, second] = newest;
    await api.dataSource.query("UPDATE sync_run SET pages_read = 7 WHERE id = $1", [second?.id]);
    expect((await runs.next()).syncRunChanged).toMatchObject({ id: second?.globalId, pagesRead: 7 });
  });

  test("tells of a synchronisation from before it began to its end, and of the next one", async () => {
    const runs = follow<Run>(RUNS);
    const first = await rows.syncRun(token, { ...underWay, state: SyncRunState.QUEUED, phase: null });
    expect(await runs.next()).toMatchObject({ syncRunChanged: { id: first.globalId, state: "QUEUED" } });
    await change(first, { ...underWay, pagesRead: 1, pagesKnown: 3 });
    const read = await runs.until(({ syncRunChanged }) => syncRunChanged.pagesRead === 1);
    expect(read.at(-1)).toMatchObject({
      syncRunChanged: { state: "RUNNING", phase: "ASSIGNMENTS", pagesKnown: 3, token: { name: "Own" } },
    });
    await finish(first);
    const ended = await runs.until(({ syncRunChanged }) => syncRunChanged.state === "SUCCEEDED");
    expect(ended.at(-1)).toMatchObject({ syncRunChanged: { id: first.globalId, endedAt: expect.any(String) } });
    const second = await rows.syncRun(token, underWay);
    await runs.until(({ syncRunChanged: { id } }) => id === second.globalId);
  });

  test("tells nothing of another token, where it is limited to one", async () => {
    const [own, foreign] = [await rows.syncRun(token, underWay), await rows.syncRun(await rows.token(), underWay)];
    await settled();
    const runs = follow<Run>(RUNS);
    expect((await runs.next()).syncRunChanged.id).toBe(own.globalId);
    await finish(foreign);
    await finish(own);
    expect((await runs.next()).syncRunChanged).toMatchObject({ id: own.globalId, state: "SUCCEEDED" });
  });

  test("leaves out no end when the database session is lost, although another run has begun since", async () => {
    const first = await rows.syncRun(token, underWay);
    const runs = follow<Run>(RUNS);
    await runs.next();
    await cutSession();
    await finish(first);
    const second = await rows.syncRun(token, { ...underWay, startedAt: new Date(MOMENT.getTime() + 1) });
    const told = new Map<string, string>();
    await runs.until(({ syncRunChanged: { id, state } }) => told.set(id, state).size === 2);
    expect(Object.fromEntries(told)).toEqual({ [first.globalId]: "SUCCEEDED", [second.globalId]: "RUNNING" });
    await change(second, { pagesRead: 7 });
    await runs.until(({ syncRunChanged }) => syncRunChanged.pagesRead === 7);
  });

  test("tells what is written through any replica, in each of them", async () => {
    const run = await rows.syncRun(token, underWay);
    await settled();
    const replica = await startApi(api.database);
    const subscribers = [follow<Run>(RUNS), follow<Run>(RUNS, token, replica.url)];
    for (const subscriber of subscribers) await subscriber.next();
    await finish(run);
    for (const subscriber of subscribers) {
      expect((await subscriber.next()).syncRunChanged).toMatchObject({ id: run.globalId, state: "SUCCEEDED" });
    }
    await subscribers[1]?.stop();
    await replica.close();
  });
});

describe("tokenHealthChanged", () => {
  test("begins with each token, then tells of those whose health has changed and of nothing else", async () => {
    await settled();
    const health = follow<Health>(HEALTH, null);
    expect((await health.next()).tokenHealthChanged).toMatchObject({ name: "Own", health: { state: "ACTIVE" } });
    await api.dataSource.query("UPDATE token SET last_sync_at = now(), name = 'Renamed'");
    await setHealth(token, "REVOKED");
    expect((await health.next()).tokenHealthChanged).toMatchObject({ name: "Renamed", health: { state: "REVOKED" } });
    await rows.token({ name: "New" });
    expect((await health.next()).tokenHealthChanged.name).toBe("New");
  });
});

describe("a subscriber", () => {
  test("that leaves is forgotten, also while it waits", async () => {
    const listeners = countListeners(api.changes);
    const health = follow<Health>(HEALTH);
    await health.next();
    expect(listeners.anyLeft()).toBe(true);
    await health.stop();
    await eventually(async () => (listeners.noneLeft() ? true : null));
    const runs = follow<Run>(RUNS);
    await eventually(async () => (listeners.anyLeft() ? true : null));
    await runs.stop();
    await eventually(async () => (listeners.noneLeft() ? true : null));
    listeners.restore();
  });

  test.each([
    ["syncRunChanged", RUNS],
    ["tokenHealthChanged", HEALTH],
  ])("has heard all when the token it is limited to is removed: %s", async (_, query) => {
    await rows.syncRun(token, underWay);
    const listeners = countListeners(api.changes);
    const limited = follow<unknown>(query);
    await limited.next();
    await api.dataSource.query("DELETE FROM token WHERE id = $1", [token.id]);
    await expect(limited.until(() => false)).rejects.toThrow("The subscription ended");
    expect(listeners.noneLeft()).toBe(true);
    listeners.restore();
  });

  test("goes on without limit when a token is removed, and with another when that one is not its own", async () => {
    const other = await rows.token({ name: "Other" });
    await settled();
    const [every, own] = [follow<Health>(HEALTH, null), follow<Health>(HEALTH)];
    const told = async (from: Subscriber<Health>) => (await from.next()).tokenHealthChanged.name;
    expect([await told(every), await told(every), await told(own)].sort()).toEqual(["Other", "Own", "Own"]);
    await api.dataSource.query("DELETE FROM token WHERE id = $1", [other.id]);
    await setHealth(token, "REVOKED");
    expect([await told(every), await told(own)]).toEqual(["Own", "Own"]);
  });

  test("whose token is removed while the database session is lost has heard all, too", async () => {
    const runs = follow<Run>(RUNS);
    await rows.syncRun(token, underWay);
    await runs.next();
    await cutSession();
    await api.dataSource.query("DELETE FROM token WHERE id = $1", [token.id]);
    await expect(runs.until(() => false)).rejects.toThrow("The subscription ended");
  });

  test("is told why when it asks for a token that is not there, or for anything but a subscription", async () => {
    const missing = encodeGlobalId("Token", "00000000-0000-4000-8000-000000000000");
    const ask = (query: string, variables = {}) => subscribe(api.url, query, variables).next();
    await expect(ask(RUNS, { token: missing })).rejects.toThrow("NOT_FOUND");
    await expect(ask("{ tokens { totalCount } }")).rejects.toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    await expect(ask("subscription { nothing }")).rejects.toMatchObject([{ extensions: { code: "INVALID_INPUT" } }]);
    await expect(ask(RUNS, { token: { secret: 1 } })).rejects.toThrow("INVALID_INPUT");
  });

  test("is not told of all tokens when it asks for one by an empty id", async () => {
    const events = "subscription ($token: ID) { licenseEvents(token: $token) { at } }";
    for (const query of [RUNS, HEALTH, events]) {
      await expect(subscribe(api.url, query, { token: "" }).next()).rejects.toThrow("NOT_FOUND");
    }
  });

  test("goes on when the database could not be read for a moment", async () => {
    const query = vi.spyOn(api.dataSource, "query").mockRejectedValueOnce(new Error("away"));
    const health = subscribe<Health>(api.url, HEALTH);
    expect((await health.next()).tokenHealthChanged.name).toBe("Own");
    expect(query.mock.results[0]?.type).toBeDefined();
    query.mockRestore();
    await health.stop();
  });
});

describe("alertsChanged", () => {
  test("begins with the alerts that are not over or only just, then tells of each that is raised, worded anew or cleared", async () => {
    await forget(api.dataSource, "alert");
    const raisedAt = minutesAgo(90);
    await rows.mismatch(await rows.storeApp(token), { message: "over", raisedAt, clearedAt: minutesAgo(61) });
    await rows.mismatch(await rows.storeApp(token), { message: "just over", raisedAt, clearedAt: minutesAgo(59) });
    const alert = await rows.mismatch(await rows.storeApp(token), { message: "first", raisedAt: minutesAgo(80) });
    await settled();
    const subscriber = follow<{ alertsChanged: { message: string; clearedAt: string | null } }>(
      "subscription { alertsChanged { message clearedAt } }",
      null,
    );
    expect((await subscriber.next()).alertsChanged.message).toBe("just over");
    expect(await subscriber.next()).toEqual({ alertsChanged: { message: "first", clearedAt: null } });
    await rows.mismatch(await rows.storeApp(token), { message: "second" });
    expect((await subscriber.next()).alertsChanged.message).toBe("second");
    await api.dataSource.query("UPDATE alert SET message = 'other words' WHERE id = $1", [alert.id]);
    expect((await subscriber.next()).alertsChanged.message).toBe("other words");
    await api.dataSource.query("UPDATE alert SET cleared_at = $2 WHERE id = $1", [alert.id, MOMENT]);
    expect(await subscriber.next()).toEqual({
      alertsChanged: { message: "other words", clearedAt: MOMENT.toISOString() },
    });
  });
});

describe("storeAppChanged", () => {
  interface App {
    readonly storeAppChanged: { readonly id: string; readonly heldCount: number };
  }
  function followApps(ids: readonly string[]): Subscriber<App> {
    const query = "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id heldCount } }";
    const subscriber = subscribe<App>(api.url, query, { ids });
    open.push(subscriber);
    return subscriber;
  }

  test("begins with the apps that are asked for, then tells of each of them that changes, and of no other", async () => {
    const [first, second, other] = [await rows.storeApp(token), await rows.storeApp(token), await rows.storeApp(token)];
    const apps = followApps([first.globalId, second.globalId]);
    const told = [await apps.next(), await apps.next()].map(({ storeAppChanged }) => storeAppChanged.id);
    expect(new Set(told)).toEqual(new Set([first.globalId, second.globalId]));
    await api.dataSource.query("UPDATE store_app SET held_count = held_count + 1 WHERE id = $1", [other.id]);
    await api.dataSource.query("UPDATE store_app SET held_count = 7 WHERE id = $1", [second.id]);
    expect(await apps.next()).toEqual({ storeAppChanged: { id: second.globalId, heldCount: 7 } });
  });

  test("tells nothing of a statement that changes nothing", async () => {
    const app = await rows.storeApp(token);
    const apps = followApps([app.globalId]);
    await apps.next();
    await api.dataSource.query("UPDATE store_app SET held_count = held_count WHERE id = $1", [app.id]);
    await settled();
    await api.dataSource.query("UPDATE store_app SET held_count = 3 WHERE id = $1", [app.id]);
    expect(await apps.next()).toEqual({ storeAppChanged: { id: app.globalId, heldCount: 3 } });
  });

  test("tells all of them again when changes may have been missed", async () => {
    const app = await rows.storeApp(token);
    const apps = followApps([app.globalId]);
    await apps.next();
    await cutSession();
    expect(await apps.next()).toMatchObject({ storeAppChanged: { id: app.globalId } });
  });

  test("reads what all of them ask for at once", async () => {
    const apps = await Promise.all(Array.from({ length: 50 }, () => rows.storeApp(token)));
    const query = "subscription ($ids: [ID!]!) { storeAppChanged(ids: $ids) { id waiting token { name } } }";
    const read = async (ids: readonly string[]) => {
      const { result, statements } = await recordStatements(async () => {
        const subscriber = subscribe<App>(api.url, query, { ids });
        open.push(subscriber);
        const told = [];
        while (told.length < ids.length) told.push((await subscriber.next()).storeAppChanged.id);
        return told;
      });
      expect(result).toEqual(ids);
      return statements.map(({ text }) => text);
    };
    const ids = apps.map(({ globalId }) => globalId);
    expect(await read(ids)).toEqual(await read(ids.slice(0, 1)));
  });

  test("refuses more apps than a page has, and what is no app's id", async () => {
    const tooMany = Array.from({ length: 501 }, () => encodeGlobalId("StoreApp", token.id, "1"));
    await expect(followApps(tooMany).next()).rejects.toThrow(/LIMIT_EXCEEDED/);
    await expect(followApps([token.globalId]).next()).rejects.toThrow(/NOT_FOUND/);
  });
});

import type { Socket } from "node:net";
import { createClient } from "graphql-ws";
import { afterAll, afterEach, beforeAll, beforeEach, test } from "vitest";
import { WebSocket } from "ws";
import type { StoreApp } from "../../../src/entities/store-app.js";
import type { Token } from "../../../src/entities/token.js";
import { SampleRows } from "../sample-rows.js";
import { API_KEY, startApi, type TestApi } from "../start-api.js";

let api: TestApi;
let rows: SampleRows;
let token: Token;
let app: StoreApp;
const connections = new Set<Socket>();
beforeAll(async () => {
  api = await startApi();
  rows = new SampleRows(api.dataSource);
  api.server.on("connection", (socket) => connections.add(socket));
});
afterAll(() => api.close());
const open: { dispose(): void | Promise<void> }[] = [];
beforeEach(async () => {
  token = await rows.token();
  app = await rows.storeApp(token);
});
afterEach(async () => {
  for (const client of open.splice(0)) await client.dispose();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** A subscription of graphql-ws's client, which comes again by itself, and says nothing of it to whoever reads. */
function follow<Data>(query: string, variables: Record<string, unknown> = {}) {
  let away: Promise<void> = Promise.resolve();
  const client = createClient({
    url: `${api.url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${API_KEY}` },
    shouldRetry: () => true,
    retryWait: () => away,
  });
  open.push(client);
  const events = client.iterate<Data>({ query, variables });
  const until = async (met: (data: Data) => boolean): Promise<void> => {
    for (;;) {
      const { value } = await events.next();
      if (value.errors) throw new Error(JSON.stringify(value.errors));
      if (met(value.data)) return;
    }
  };
  /** Cuts the connection, and lets the client come again when this is done. */
  const cutWhile = async (work: () => Promise<unknown>): Promise<void> => {
    let comeAgain: () => void = () => undefined;
    away = new Promise((resolve) => {
      comeAgain = resolve;
    });
    for (const socket of connections) socket.destroy();
    await work();
    comeAgain();
  };
  return { until, cutWhile };
}

test("an alert that was cleared while its client was cut off is told to be over", async () => {
  const alert = await rows.mismatch(app, { raisedAt: minutesAgo(100) });
  const alerts = follow<{ alertsChanged: { id: string; clearedAt: string | null } }>(
    "subscription { alertsChanged { id clearedAt } }",
  );
  const isTold = (over: boolean) =>
    alerts.until(({ alertsChanged: { id, clearedAt } }) => id === alert.globalId && (clearedAt !== null) === over);
  await isTold(false);
  await alerts.cutWhile(() => api.dataSource.query("UPDATE alert SET cleared_at = now() WHERE id = $1", [alert.id]));
  await isTold(true);
});

test("a synchronisation that ended while its client was cut off is told to its end, although another has begun", async () => {
  const run = await rows.syncRun(token, { startedAt: minutesAgo(100), endedAt: null });
  const runs = follow<{ syncRunChanged: { id: string; endedAt: string | null } }>(
    "subscription { syncRunChanged { id endedAt } }",
  );
  const isTold = (over: boolean) =>
    runs.until(({ syncRunChanged: { id, endedAt } }) => id === run.globalId && (endedAt !== null) === over);
  await isTold(false);
  await runs.cutWhile(async () => {
    await api.dataSource.query("UPDATE sync_run SET ended_at = now() WHERE id = $1", [run.id]);
    await rows.syncRun(token, { startedAt: new Date(), endedAt: null });
  });
  await isTold(true);
});

test("a holding that a synchronisation has found while its client was cut off is told of, although it was read long before", async () => {
  const known = minutesAgo(1);
  const run = await rows.syncRun(token, { startedAt: minutesAgo(60), endedAt: null });
  const before = await rows.license(app, { startedAt: known });
  const events = follow<{ licenseEvents: { license: { id: string } } }>(
    "subscription ($since: DateTime) { licenseEvents(since: $since) { license { id } } }",
    { since: known },
  );
  const isTold = (id: string) => events.until(({ licenseEvents: { license } }) => license.id === id);
  await isTold(before.globalId);
  let found = before;
  await events.cutWhile(async () => {
    found = await rows.license(app, { startedAt: minutesAgo(50) });
    await api.dataSource.query("UPDATE sync_run SET ended_at = now() WHERE id = $1", [run.id]);
  });
  await isTold(found.globalId);
});

test("a deployment that was deleted while its client was cut off is told to be", async () => {
  const deployment = await rows.deployment(app, await rows.target(), await rows.collection());
  const deployments = follow<{ deploymentChanged: { id: string; deletedAt: string | null } }>(
    "subscription { deploymentChanged { id deletedAt } }",
  );
  const isTold = (over: boolean) =>
    deployments.until(
      ({ deploymentChanged: { id, deletedAt } }) => id === deployment.globalId && (deletedAt !== null) === over,
    );
  await isTold(false);
  await deployments.cutWhile(() =>
    api.dataSource.query("UPDATE deployment SET deleted_at = now(), deleted_by = 'admin' WHERE id = $1", [
      deployment.id,
    ]),
  );
  await isTold(true);
});

import type { Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../../http/start-api.js";
import { eventually } from "../../support/eventually.js";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** The sessions whose statements wait for a lock. */
async function waiting(): Promise<number[]> {
  const rows: { pid: number }[] = await api.dataSource.query(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.map(({ pid }) => pid);
}

async function endedByPostgres(session: number): Promise<void> {
  await api.dataSource.query("SELECT pg_terminate_backend($1)", [session]);
}

interface Pool {
  readonly _clients: readonly { readonly processID: number; readonly connection: { readonly stream: Socket } }[];
}

async function cutOff(session: number): Promise<void> {
  const { master } = api.dataSource.driver as unknown as { readonly master: Pool };
  master._clients.find(({ processID }) => processID === session)?.connection.stream.destroy();
}

test.each([
  ["that PostgreSQL ends", endedByPostgres],
  ["whose connection breaks", cutOff],
])("a session %s in the middle of a statement ends neither the process nor the query", async (_, end) => {
  const holder = api.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query("LOCK TABLE token IN ACCESS EXCLUSIVE MODE");
  const asked = api.ask("{ tokens { totalCount } }");
  const session = await eventually(async () => (await waiting())[0] ?? null, waiting);
  await end(session);
  const others = async () => ((await waiting()).some((pid) => pid !== session) ? true : null);
  await eventually(others, waiting);
  await holder.rollbackTransaction();
  await holder.release();
  expect(await asked).toEqual({ status: 200, data: { tokens: { totalCount: 0 } }, errors: [] });
});

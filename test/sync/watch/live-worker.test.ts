import { afterAll, beforeAll, expect, it } from "vitest";
import { rows } from "../../../src/queries/sql.js";
import { LIVE_WORKER_LOCK } from "../../../src/sync/watch/live-worker.js";
import { eventually } from "../../support/eventually.js";
import { startTestService, type TestService } from "../../support/service.js";

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
});

afterAll(() => service.stop());

async function control(call: string, body: Record<string, unknown> = {}): Promise<void> {
  const headers = { "content-type": "application/json" };
  await fetch(`${service.apple.controlUrl}/${call}`, { method: "POST", headers, body: JSON.stringify(body) });
}

it("shows by a lock in the database that the worker of every running job lives", async () => {
  await control("hold", { path: "/assets" });
  await service.api.ask(
    'mutation ($file: String!) { addToken(input: { file: $file, name: "Held" }) { token { id } } }',
    {
      file: service.apple.tokenFile,
    },
  );
  const { dataSource } = service.database;
  const workers = await eventually(async () => {
    const locked = await rows<{ locked_by: string }>(
      dataSource,
      `SELECT DISTINCT locked_by FROM graphile_worker._private_jobs job
       JOIN graphile_worker._private_tasks task ON task.id = job.task_id
       WHERE task.identifier = 'sync-token' AND locked_by IS NOT NULL`,
    );
    return locked.length > 0 ? locked : null;
  });
  for (const { locked_by } of workers) {
    const locks = await rows(
      dataSource,
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = $1
       AND objid::bigint = (hashtext($2)::bigint & 4294967295)`,
      [LIVE_WORKER_LOCK, locked_by],
    );
    expect(locks).toHaveLength(1);
  }
  await control("release");
});

it("frees the jobs and queues of a worker that died, the sweep's own queue among them", async () => {
  const { dataSource } = service.database;
  await dataSource.query(
    `INSERT INTO graphile_worker._private_job_queues (queue_name, locked_by, locked_at)
     VALUES ('sweep', 'pool-killed', now() - interval '1 minute'), ('held-by-the-dead', 'pool-killed', now() - interval '1 minute')
     ON CONFLICT (queue_name) DO UPDATE SET locked_by = excluded.locked_by, locked_at = excluded.locked_at`,
  );
  const held = "SELECT queue_name FROM graphile_worker._private_job_queues WHERE locked_by = 'pool-killed'";
  expect(await eventually(async () => ((await rows(dataSource, held)).length === 0 ? true : null))).toBe(true);
});

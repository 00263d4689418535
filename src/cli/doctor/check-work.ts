import type { ClientBase } from "pg";
import { LIVE_WORKER_LOCK } from "../../sync/watch/live-worker.js";
import { WORKER_SCHEMA } from "../../worker-schema.js";
import { type Finding, ok, warning } from "./finding.js";

const CHECK = "work";
/** A job waits that long behind others of its token or target; beyond, something holds them up. */
const LATE_MINUTES = 15;

const WORK_SQL = `
  SELECT (SELECT count(DISTINCT pid) FROM pg_locks
          WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))::int AS workers,
         (SELECT count(*) FROM ${WORKER_SCHEMA}.jobs
          WHERE locked_at IS NULL AND attempts < max_attempts
            AND run_at < now() - interval '${LATE_MINUTES} minutes')::int AS late`;

/** Whether somebody works on what is to be done. */
export async function checkWork(client: ClientBase): Promise<Finding> {
  const { rows } = await client.query<{ workers: number; late: number }>(WORK_SQL, [LIVE_WORKER_LOCK]);
  const { workers = 0, late = 0 } = rows[0] ?? {};
  if (workers === 0) {
    return warning(CHECK, "No process works on this database.", 'Start one: "allotment serve", with worker in ROLES.');
  }
  const who = workers === 1 ? "One process works" : `${workers} processes work`;
  if (late === 0) return ok(CHECK, `${who} on this database, and no job waits for longer than it should.`);
  return warning(
    CHECK,
    `${who}, and ${late} jobs have waited for more than ${LATE_MINUTES} minutes.`,
    "Look at the other findings and at the alerts for the cause; if there is none, start another worker.",
  );
}

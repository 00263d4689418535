import type { DataSource } from "typeorm";
import { rows } from "../../src/queries/sql.js";

/**
 * What the service writes of its own accord, asked or not: the clock's slots, the requests of the present second, which
 * alerts no webhook has been told of, and that somebody was refused.
 */
const UNASKED = ["schedule_slot", "rate_limit", "alert_notice", "audit_event"];

/** Jobs that come by themselves. */
const UNASKED_JOBS = ["sweep", "check-alerts", "check-token-alerts", "digest-alerts"];

/** How many rows each table holds, and how many jobs wait besides those that come by themselves. */
export async function countRows(dataSource: DataSource): Promise<Record<string, number>> {
  const tables = await rows<{ name: string }>(
    dataSource,
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL($1) ORDER BY 1",
    [UNASKED],
  );
  const counts = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS count FROM ${name}`);
  counts.push(
    "SELECT 'jobs', count(*)::int FROM graphile_worker.jobs WHERE task_identifier <> ALL($1) AND locked_at IS NULL",
  );
  const found = await rows<{ name: string; count: number }>(dataSource, counts.join(" UNION ALL "), [UNASKED_JOBS]);
  return Object.fromEntries(found.map(({ name, count }) => [name, count]));
}

import { type Reader, rows } from "./sql.js";

/** A table that has grown by these pages, and by this part, since PostgreSQL last looked has misleading statistics. */
const GROWN_PAGES = 32;
const GROWN_PART = 0.5;

/**
 * Analyses tables that have grown much since PostgreSQL last looked: in the first minute after a mass of new rows it would
 * plan as if there were none, and read every licence of an app for each device. Costs one cheap look otherwise. Goes by the
 * size on disk, since the counters of changed rows are seconds late.
 */
export async function freshenStatistics(db: Reader, tables: readonly string[]): Promise<void> {
  const stale = await rows<{ name: string }>(
    db,
    `SELECT quote_ident(relname) AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY($1)
       AND pg_relation_size(oid) / current_setting('block_size')::int > relpages * (1 + $2::float8) + $3::int`,
    [tables, GROWN_PART, GROWN_PAGES],
  );
  for (const { name } of stale) await db.query(`ANALYZE ${name}`);
}

import type { DataSource } from "typeorm";
import { createDataSource } from "../../src/database.js";
import { row } from "../../src/queries/sql.js";

/**
 * How often one piece of work looks at a page of a table. PostgreSQL takes the table, which must have no rows, for empty
 * meanwhile, as it does when the first thousands come.
 */
export async function pagesRead(
  db: DataSource,
  table: string,
  work: (db: DataSource) => Promise<unknown>,
): Promise<number> {
  await db.query(`VACUUM ANALYZE ${table}`);
  // The counters are a session's own until it hands them over: all is done in one.
  const { url } = db.options as { url?: string };
  const single = await createDataSource(url ?? "", 1).initialize();
  try {
    await work(single);
    await single.query("SELECT pg_stat_force_next_flush()");
    const read = await row<{ count: string }>(
      single,
      "SELECT heap_blks_hit + heap_blks_read AS count FROM pg_statio_user_tables WHERE relname = $1",
      [table],
    );
    return Number(read?.count);
  } finally {
    await single.destroy();
  }
}

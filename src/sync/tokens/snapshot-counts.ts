import { FREE_SQL, UNLIMITED } from "../../entities/store-app.js";
import type { Core } from "../core.js";

/** While a table is known as empty, PostgreSQL would read all that is being written to it anew for each app. */
const BY_INDEX = "SET LOCAL enable_seqscan = off";

/**
 * Keeps each app's counts of today (UTC), where they are not those of the last day kept, and that they were taken today. A
 * second look the same day keeps nothing.
 */
export async function snapshotCounts(core: Core): Promise<void> {
  const today = core.clock.now().toISOString().slice(0, "yyyy-mm-dd".length);
  await core.dataSource.transaction(async (tx) => {
    await tx.query(BY_INDEX);
    await tx.query(WRITE_CHANGES, [today]);
    await tx.query("INSERT INTO snapshot_day (day) VALUES ($1) ON CONFLICT DO NOTHING", [today]);
  });
}

const WRITE_CHANGES = `
  INSERT INTO count_snapshot (token_id, store_app_id, day, total_count, assigned_count, retired_count, held_count,
                              free_count, waiting_count)
  SELECT app.token_id, app.id, $1::date, app.total_count, app.assigned_count, app.retired_count, app.held_count,
         free.count, coalesce(waiting.count, 0)
  FROM store_app app
  CROSS JOIN LATERAL (SELECT CASE WHEN app.total_count <> ${UNLIMITED} THEN ${FREE_SQL} END AS count) free
  LEFT JOIN (SELECT token_id, store_app_id, count(*)::int AS count FROM installation
             WHERE state = 'WAITING_FOR_LICENSE' GROUP BY token_id, store_app_id) waiting
         ON waiting.token_id = app.token_id AND waiting.store_app_id = app.id
  LEFT JOIN LATERAL (SELECT * FROM count_snapshot last WHERE last.token_id = app.token_id
                     AND last.store_app_id = app.id ORDER BY last.day DESC LIMIT 1) last ON true
  WHERE (last.total_count, last.assigned_count, last.retired_count, last.held_count, last.free_count, last.waiting_count)
        IS DISTINCT FROM
        (app.total_count, app.assigned_count, app.retired_count, app.held_count, free.count, coalesce(waiting.count, 0))
  ON CONFLICT DO NOTHING`;

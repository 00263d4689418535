import type { DataSource } from "typeorm";
import { rows } from "../../src/queries/sql.js";
import { eventually } from "./eventually.js";

/** Waits until no job is due or runs but those of the clock: what was asked for before is over, and leaves no trace any more. */
export async function atRest(dataSource: DataSource): Promise<void> {
  let seen: unknown;
  await eventually(
    async () => {
      seen = await rows(
        dataSource,
        `SELECT key FROM graphile_worker.jobs
         WHERE (run_at <= now() OR locked_at IS NOT NULL) AND attempts < max_attempts
           AND task_identifier NOT IN ('sweep', 'check-alerts', 'check-token-alerts', 'digest-alerts')`,
      );
      return Array.isArray(seen) && seen.length === 0 ? true : null;
    },
    () => seen,
  );
}

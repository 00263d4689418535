import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { createDataSource } from "../../src/database.js";
import { SyncMode, SyncTrigger } from "../../src/entities/sync-run.js";
import { requestSync } from "../../src/sync/tokens/request-sync.js";
import { createSystemClock } from "../../src/system-clock.js";

const LOOK_EVERY_MS = 10;

/** A run that has succeeded. */
export interface EndedRun {
  /** From the request to its end as others see it. */
  readonly seconds: number;
  readonly pages: number;
  readonly added: number;
  readonly changed: number;
  readonly ended: number;
}

interface RunRow {
  state: string;
  error: string | null;
  ended: boolean;
  pages: number;
  rows_added: number;
  rows_changed: number;
  rows_ended: number;
}

/** Waits for the end of the run that was asked for last. @throws Error unless it succeeded. */
export async function lastRun(session: pg.Client): Promise<Omit<EndedRun, "seconds">> {
  for (;;) {
    const { rows } = await session.query<RunRow>(
      `SELECT state, error, ended_at IS NOT NULL AS ended, pages_read AS pages, rows_added, rows_changed, rows_ended
       FROM sync_run ORDER BY id DESC LIMIT 1`,
    );
    const [run] = rows;
    if (run?.ended) return succeeded(run);
    await sleep(LOOK_EVERY_MS);
  }
}

function succeeded(run: RunRow): Omit<EndedRun, "seconds"> {
  if (run.state !== "SUCCEEDED") throw new Error(`The run ended as ${run.state}: ${run.error}`);
  return { pages: run.pages, added: run.rows_added, changed: run.rows_changed, ended: run.rows_ended };
}

/** Asks for a delta as the service does when Apple has told of a change; the API has no manual one. */
export async function requestDelta(databaseUrl: string, tokenId: string): Promise<void> {
  const dataSource = await createDataSource(databaseUrl, 1).initialize();
  try {
    const asked = { mode: SyncMode.DELTA, trigger: SyncTrigger.NOTIFICATION };
    await dataSource.transaction((tx) => requestSync(tx, { clock: createSystemClock(1) }, tokenId, asked));
  } finally {
    await dataSource.destroy();
  }
}

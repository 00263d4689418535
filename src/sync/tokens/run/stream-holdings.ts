import { SyncMode } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import type { AssignmentsPage } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import type { Reading } from "./compare-holdings.js";
import { startHoldings } from "./merge-holdings.js";
import { addRowCounts, holdRun, type SyncRunRecord } from "./run-record.js";
import { countStrays, warnOfStrays } from "./stray-holdings.js";

/** So many rows are merged at once while others are read. */
const BATCH_ROWS = 10_000;

/** Holdings on their way from Apple's pages into the ledger. */
export interface HoldingsStream {
  take(page: AssignmentsPage): Promise<void>;
  /** Merges what is left. */
  finish(): Promise<void>;
}

/** Whether there is nothing here that a list could miss: then its holdings need not wait for its end (rule 6). */
export async function holdsNothing(core: Core, run: SyncRunRecord): Promise<boolean> {
  if (run.mode !== SyncMode.FULL) return false;
  return (await row(core.dataSource, "SELECT 1 FROM license WHERE token_id = $1 LIMIT 1", [run.tokenId])) === null;
}

/** Starts holdings while the list is being read: waiting for Apple and writing here go on side by side. */
export function streamHoldings({ core, run, staging }: Reading, actor: string): HoldingsStream {
  let waiting = 0;
  let strays = 0;
  const merge = () =>
    staging.alone(async () => {
      if (waiting === 0) return;
      await core.dataSource.transaction(async (tx) => {
        await holdRun(tx, run);
        strays += await countStrays(tx, run, staging);
        const added = await startHoldings(tx, run, staging, actor);
        await addRowCounts(tx, run, { added, changed: 0, ended: 0 });
      });
      waiting = 0;
    });
  return {
    async take({ assignments, requestedAt }) {
      await staging.addAssignments(assignments, requestedAt, "fresh");
      waiting += assignments.length;
      if (waiting >= BATCH_ROWS) await merge();
    },
    async finish() {
      await merge();
      await core.dataSource.transaction((tx) => warnOfStrays(tx, run, strays));
    },
  };
}

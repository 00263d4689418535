import { SyncMode } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import type { AssignmentsPage } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import type { Reading } from "./compare-holdings.js";
import { lockApps } from "./lock-apps.js";
import { startHoldings } from "./merge-holdings.js";
import type { ListRead } from "./read-pages.js";
import { addRowCounts, holdRun, type SyncRunRecord } from "./run-record.js";
import { countStrays, warnOfStrays } from "./stray-holdings.js";

/** So many rows are merged at once, while others are read. */
const BATCH_ROWS = 10_000;
/** When so many wait for that, reading waits, too: they are in memory. */
const MOST_WAITING_ROWS = 3 * BATCH_ROWS;

/** Reads a list and hands on its pages. */
type ReadList = (take: (page: AssignmentsPage) => Promise<void>) => Promise<ListRead>;

/** Whether there is nothing here that a list could miss: then its holdings need not wait for its end (rule 6). */
export async function holdsNothing(core: Core, run: SyncRunRecord): Promise<boolean> {
  if (run.mode !== SyncMode.FULL) return false;
  return (await row(core.dataSource, "SELECT 1 FROM license WHERE token_id = $1 LIMIT 1", [run.tokenId])) === null;
}

/** Starts holdings while their list is being read: waiting for Apple and writing here go on side by side. */
export async function streamHoldings(reading: Reading, actor: string, read: ReadList): Promise<ListRead> {
  const merges = createMerges(reading, actor);
  try {
    const list = await read(merges.take);
    await merges.finish();
    return list;
  } finally {
    // It uses the run's session, which is somebody else's next.
    await merges.underWay();
  }
}

function createMerges(reading: Reading, actor: string) {
  let pages: AssignmentsPage[] = [];
  let waiting = 0;
  let strays = 0;
  let merging: Promise<void> | null = null;
  let failure: { readonly error: unknown } | null = null;

  const merge = async () => {
    const batch = pages;
    pages = [];
    waiting = 0;
    strays += await mergePages(reading, actor, batch);
  };
  const mergeAside = () => {
    merging ??= merge()
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        merging = null;
      });
  };
  const throwFailure = () => {
    if (failure) throw failure.error;
  };
  return {
    /** @throws what an earlier page's merge has thrown. */
    async take(page: AssignmentsPage): Promise<void> {
      throwFailure();
      pages.push(page);
      waiting += page.assignments.length;
      if (waiting >= BATCH_ROWS) mergeAside();
      if (waiting >= MOST_WAITING_ROWS) await merging;
    },
    /** Merges what is left. */
    async finish(): Promise<void> {
      await merging;
      throwFailure();
      await merge();
      await reading.core.dataSource.transaction((tx) => warnOfStrays(tx, reading.run, strays));
    },
    async underWay(): Promise<void> {
      await merging;
    },
  };
}

/** @returns how many are of apps that Apple does not list. */
async function mergePages(
  { core, run, staging }: Reading,
  actor: string,
  pages: readonly AssignmentsPage[],
): Promise<number> {
  for (const page of pages) await staging.addAssignments(page.assignments, page.requestedAt, "fresh");
  return core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    await lockApps(tx, run, staging, null);
    const strays = await countStrays(tx, run, staging);
    const added = await startHoldings(tx, run, staging, actor);
    await addRowCounts(tx, run, { added, changed: 0, ended: 0 });
    return strays;
  });
}

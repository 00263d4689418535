import type { PoolClient } from "pg";
import type { EntityManager } from "typeorm";
import { SyncMode, SyncPhase } from "../../../entities/sync-run.js";
import { row } from "../../../queries/sql.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import { refreshCounts } from "../refresh-counts.js";
import { checkConfig } from "./check-config.js";
import { endHoldings, measureShrink, mustHoldBack } from "./end-holdings.js";
import { addFollowUps, holdBack, succeed } from "./end-run.js";
import { findMismatches, openMismatches } from "./find-mismatches.js";
import { judgeCounts } from "./judge-counts.js";
import { mergeApps } from "./merge-apps.js";
import { mergeHoldings } from "./merge-holdings.js";
import { mergeUsers } from "./merge-users.js";
import { Progress } from "./progress.js";
import { type ListsRead, readLists } from "./read-lists.js";
import { rereadApps } from "./reread-apps.js";
import {
  addRowCounts,
  addWarnings,
  becomeFull,
  enterPhase,
  holdRun,
  type RowCounts,
  type SyncRunRecord,
} from "./run-record.js";
import { createStaging, type Staging } from "./staging.js";

/** Apple's number for a version id it no longer knows. */
const UNKNOWN_VERSION = 9721;
/** The second read of what the first one missed; a delta needs one more, since it reads no app whole. */
const REREADS = 2;

/** After so many new rows the planner must not go by what it knew before, until autovacuum comes by. */
const NEW_STATISTICS_FROM = 1000;

/** One worker's work on one run. */
interface Work {
  readonly core: Core;
  readonly access: AppleAccess;
  readonly run: SyncRunRecord;
  readonly staging: Staging;
  readonly progress: Progress;
}

/**
 * Reads and merges one run, from its beginning to its end: configuration, lists, merge, apps read again, verdict. It may
 * be killed anywhere and begun anew: nothing is merged twice, and nothing ends before the verdict.
 * @throws AppleError when Apple cannot be read; RunLostError when another worker has the run.
 */
export async function performRun(
  core: Core,
  access: AppleAccess,
  run: SyncRunRecord,
  client: PoolClient,
): Promise<void> {
  await checkConfig(core, access, run);
  const staging = await createStaging(client, run);
  try {
    await readAndMerge({ core, access, run, staging, progress: new Progress(core, run) });
  } catch (error) {
    const forgotten = error instanceof AppleError && error.errorNumber === UNKNOWN_VERSION;
    if (!forgotten || run.mode === SyncMode.FULL) throw error;
    const full = await becomeFull(core, run);
    await staging.empty("asset", "registration", "assignment", "asked", "ending");
    await readAndMerge({ core, access, run: full, staging, progress: new Progress(core, full) });
  } finally {
    await staging.drop();
  }
}

async function readAndMerge(work: Work): Promise<void> {
  const { core, access, run, staging, progress } = work;
  const lists = await readLists(core, access, run, staging, progress);
  await enterPhase(core, run, SyncPhase.MERGE);
  await staging.analyze("asset", "registration", "assignment");
  const missedApps = await mergeLists(work, lists);
  await enterPhase(core, run, SyncPhase.RECHECK);
  const reread = await recheck(work, missedApps);
  await conclude(work, lists, reread);
}

/** Apps and registrations first: holdings refer to them. @returns the apps that holdings are missing from. */
async function mergeLists(work: Work, lists: ListsRead): Promise<readonly string[]> {
  const { run, staging } = work;
  const nothing = { added: 0, changed: 0, ended: 0 };
  await merge(work, "store_app, apple_user", async (tx) => {
    const apps = lists.assetsStaged ? await mergeApps(tx, run, staging, lists.assets) : nothing;
    const users = await mergeUsers(tx, run, staging, lists.users);
    if (run.mode === SyncMode.FULL) await askedForAll(tx, run, staging, lists.assignments.requestedAt);
    await addWarnings(tx, run, [...skippedRows(lists), ...(await holdingsWithoutApp(tx, run, staging))]);
    return { added: apps.added + users.added, changed: apps.changed + users.changed, ended: 0 };
  });
  const { missedApps } = await merge(work, "license", (tx) => mergeHoldings(tx, run, staging));
  return missedApps;
}

/** One merge in one transaction, with its counts and what follows from it. */
async function merge<Counts extends RowCounts>(
  { core, run }: Work,
  tables: string,
  write: (tx: EntityManager) => Promise<Counts>,
): Promise<Counts> {
  const counts = await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    const written = await write(tx);
    await addRowCounts(tx, run, written);
    await addFollowUps(tx, run, written);
    return written;
  });
  if (counts.added > NEW_STATISTICS_FROM) await core.dataSource.query(`ANALYZE ${tables}`);
  return counts;
}

/** Reads again the apps that miss holdings or whose counts differ. @returns those whose counts were read again, too. */
async function recheck(work: Work, missedApps: readonly string[]): Promise<Set<string>> {
  const { core, access, run, staging, progress } = work;
  const differing = await differingApps(core, run);
  if (differing.length > 0) await refreshCounts(core, access, differing);
  let due = [...new Set([...missedApps, ...differing])];
  for (let round = 1; round <= REREADS && due.length > 0; round += 1) {
    await rereadApps(core, access, run, staging, progress, due);
    const merged = await merge(work, "license", (tx) => mergeHoldings(tx, run, staging));
    due = [...merged.missedApps];
  }
  return new Set(differing);
}

/** Not one whose counts have stayed the same since an alert was raised about them: it was read again then. */
async function differingApps(core: Core, run: SyncRunRecord): Promise<string[]> {
  const known = await openMismatches(core.dataSource, run);
  const mismatches = await findMismatches(core.dataSource, run);
  return mismatches
    .filter(({ storeAppId, countsAt }) => (known.get(storeAppId)?.getTime() ?? 0) < countsAt.getTime())
    .map(({ storeAppId }) => storeAppId);
}

async function conclude({ core, run, staging }: Work, lists: ListsRead, reread: ReadonlySet<string>): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    const shrink = await measureShrink(tx, run, staging);
    if (await mustHoldBack(tx, run, shrink)) return holdBack(tx, core, run, shrink);
    const counts = { added: 0, changed: 0, ended: await endHoldings(tx, core, run, staging) };
    await addRowCounts(tx, run, counts);
    await addFollowUps(tx, run, counts);
    await judgeCounts(tx, core, run, reread);
    await succeed(tx, core, run, lists);
  });
}

/** A full list is a whole reading of every app. */
async function askedForAll(tx: EntityManager, run: SyncRunRecord, staging: Staging, askedAt: Date): Promise<void> {
  await tx.query(
    `INSERT INTO ${staging.tables.asked} (store_app_id, adam_id, pricing_param, asked_at)
     SELECT id, adam_id, pricing_param, $2 FROM store_app WHERE token_id = $1`,
    [run.tokenId, askedAt],
  );
}

function skippedRows({ assets, users, assignments }: ListsRead): string[] {
  const skipped = { apps: assets.skipped, registrations: users.skipped, holdings: assignments.skipped };
  return Object.entries(skipped)
    .filter(([, count]) => count > 0)
    .map(
      ([what, count]) => `${count} ${what} at Apple are of a kind that this release does not know. Update Allotment.`,
    );
}

async function holdingsWithoutApp(tx: EntityManager, run: SyncRunRecord, staging: Staging): Promise<string[]> {
  const found = await row<{ count: number }>(
    tx,
    `SELECT count(*)::int AS count FROM ${staging.tables.assignment} seen
     WHERE NOT EXISTS (SELECT 1 FROM store_app app WHERE app.token_id = $1 AND app.adam_id = seen.adam_id
                                                    AND app.pricing_param = seen.pricing_param)`,
    [run.tokenId],
  );
  if (!found?.count) return [];
  return [`${found.count} holdings are of apps that Apple does not list; they are left out until it does.`];
}

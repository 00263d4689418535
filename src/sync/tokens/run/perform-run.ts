import type { PoolClient } from "pg";
import { SyncMode, SyncPhase } from "../../../entities/sync-run.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import { AppleError } from "../../apple/apple-error.js";
import type { Core } from "../../core.js";
import { checkConfig } from "./check-config.js";
import { compareList } from "./compare-holdings.js";
import { succeed } from "./end-run.js";
import { judgeCounts } from "./judge-counts.js";
import { findMissingUsers } from "./merge-users.js";
import { Progress } from "./progress.js";
import {
  type AppleReading,
  type BasicLists,
  type ListsRead,
  readAssignments,
  readBasicLists,
  readUsersAgain,
} from "./read-lists.js";
import type { ListRead } from "./read-pages.js";
import { type Recount, recheck } from "./recheck.js";
import { appleAppReader } from "./reread-apps.js";
import { addRowCounts, addWarnings, becomeFull, enterPhase, holdRun, type SyncRunRecord } from "./run-record.js";
import { createStaging, type Staging } from "./staging.js";
import { holdsNothing, streamHoldings } from "./stream-holdings.js";
import { type Written, writeBasics, writeRun } from "./write-run.js";

/** Apple's number for a version id it no longer knows. */
const UNKNOWN_VERSION = 9721;

/** Who changes things at Apple when we have not. */
const APPLE_ACTOR = "apple";

/**
 * One run from its beginning to its end: configuration, lists, what differs, apps read again, verdict and merge. It may be
 * killed anywhere and begun anew: nothing is merged twice, and nothing ends before the verdict.
 * @throws AppleError when Apple cannot be read; RunLostError when somebody else has begun or ended the run.
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
    await readAndWrite(core, access, run, staging);
  } catch (error) {
    const forgotten = error instanceof AppleError && error.errorNumber === UNKNOWN_VERSION;
    if (!forgotten || run.mode === SyncMode.FULL) throw error;
    await staging.empty("asset", "registration", "assignment");
    const full = await becomeFull(core, run);
    await checkConfig(core, access, full);
    await readAndWrite(core, access, full, staging);
  } finally {
    await staging.drop();
  }
}

async function readAndWrite(core: Core, access: AppleAccess, run: SyncRunRecord, staging: Staging): Promise<void> {
  const progress = new Progress(core, run);
  const reading: AppleReading = { core, access, run, staging, progress };
  const { lists, recount } = await progress.during(() => read(reading));
  await enterPhase(core, run, SyncPhase.MERGE);
  await writeRun(reading, writtenOf(lists), async (tx) => {
    await addWarnings(tx, run, skippedRows(lists));
    await judgeCounts(tx, reading, recount);
    await succeed(tx, core, run, lists);
  });
}

/** Reads all that there is to read, and finds what differs. */
async function read(reading: AppleReading): Promise<{ lists: ListsRead; recount: Recount }> {
  const { core, access, run, staging, progress } = reading;
  const basic = await readBasicLists(reading);
  const missingUsers = await lookForMissingUsers(reading, basic.users);
  const nothingToLose = missingUsers === 0 && (await holdsNothing(core, run));
  const assignments = nothingToLose ? await streamAll(reading, basic) : await stageAll(reading);
  await enterPhase(core, run, SyncPhase.RECHECK);
  const list = run.mode === SyncMode.DELTA ? writtenOf(basic).apps : null;
  const recount = await recheck(reading, appleAppReader(core, access, staging, progress), list);
  return { lists: { ...basic, assignments }, recount };
}

async function stageAll(reading: AppleReading): Promise<ListRead> {
  const { run, staging } = reading;
  const assignments = await readAssignments(reading, (page) =>
    staging.addAssignments(page.assignments, page.requestedAt),
  );
  await staging.analyze("assignment");
  await compareList(reading, run.mode === SyncMode.FULL ? assignments.requestedAt : null);
  await staging.analyze("fresh", "missing");
  return assignments;
}

/** With nothing to lose there is no verdict to wait for: apps and registrations are written, and holdings as they come. */
async function streamAll(reading: AppleReading, basic: BasicLists): Promise<ListRead> {
  const { core, run } = reading;
  await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    await addRowCounts(tx, run, await writeBasics(tx, reading, { ...writtenOf(basic), apps: null }));
  });
  // Else each holding's foreign key is checked by a plan made for an empty table: by a walk over all apps of the token.
  await core.dataSource.query("ANALYZE store_app, apple_user");
  const assignments = await streamHoldings(reading, APPLE_ACTOR, (take) => readAssignments(reading, take));
  await core.dataSource.query("ANALYZE license");
  return assignments;
}

/**
 * Reads the registrations once more if the list misses some of ours. One that moved while it was read may leave out those
 * that there are, and one with some in a state that this release does not know tells as little of them.
 * @returns how many it misses.
 */
async function lookForMissingUsers(reading: AppleReading, users: ListRead): Promise<number> {
  const { core, run, staging } = reading;
  if (run.mode !== SyncMode.FULL || !provesAbsence(users)) return 0;
  const missing = await core.dataSource.transaction((tx) => findMissingUsers(tx, run, staging, users));
  if (missing === 0 || provesAbsence(await readUsersAgain(reading))) return missing;
  await staging.empty("missing_user");
  return 0;
}

function provesAbsence({ moved, skipped }: ListRead): boolean {
  return !moved && skipped === 0;
}

function writtenOf({ assets, assetsStaged, users }: BasicLists): Written {
  return { apps: assetsStaged && !assets.moved ? assets : null, users, actor: APPLE_ACTOR };
}

function skippedRows({ assets, users, assignments }: ListsRead): string[] {
  const skipped = { apps: assets.skipped, registrations: users.skipped, holdings: assignments.skipped };
  return Object.entries(skipped)
    .filter(([, count]) => count > 0)
    .map(
      ([what, count]) => `${count} ${what} at Apple are of a kind that this release does not know. Update Allotment.`,
    );
}

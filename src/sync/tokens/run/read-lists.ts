import { SyncMode, SyncPhase } from "../../../entities/sync-run.js";
import type { AppleAccess, AssignmentsPage } from "../../apple/apple-client.js";
import type { Reading } from "./compare-holdings.js";
import type { Progress } from "./progress.js";
import { type ListRead, readPages } from "./read-pages.js";
import { enterPhase } from "./run-record.js";

/** A run that reads Apple. */
export interface AppleReading extends Reading {
  readonly access: AppleAccess;
  readonly progress: Progress;
}

/** The lists of apps and registrations, as a run has staged them. */
export interface BasicLists {
  readonly assets: ListRead;
  /** False in a delta whose assets have not moved since the last look: then none are staged. */
  readonly assetsStaged: boolean;
  readonly users: ListRead;
}

export interface ListsRead extends BasicLists {
  readonly assignments: ListRead;
}

/**
 * Reads and stages apps and registrations, the latter whole or what has changed since the stored version. Assets have no
 * delta: they are read when their version has moved.
 * @throws AppleError, 9721 when Apple no longer knows a version.
 */
export async function readBasicLists(reading: AppleReading): Promise<BasicLists> {
  const { core, access, run, staging, progress } = reading;
  await enterPhase(core, run, SyncPhase.ASSETS);
  const { assets, assetsStaged } = await readAssets(reading);
  await enterPhase(core, run, SyncPhase.USERS);
  const query = sinceVersion(reading, run.usersVersionId);
  const users = await readPages(
    (pageIndex) => core.apple.users(access, { pageIndex, ...query }, progress.signal),
    (page) => staging.addRegistrations(page.users, page.requestedAt),
    progress,
  );
  await staging.analyze("asset", "registration");
  return { assets, assetsStaged, users };
}

/** Reads the registrations once more, for the sake of those that the list did not show. */
export function readUsersAgain({ core, access, staging, progress }: AppleReading): Promise<ListRead> {
  return readPages(
    (pageIndex) => core.apple.users(access, { pageIndex }, progress.signal),
    (page) => staging.addRegistrations(page.users, page.requestedAt, "registration_again"),
    progress,
  );
}

/**
 * Reads the holdings, whole or what has changed since the stored version, and hands each page on.
 * @throws AppleError, 9721 when Apple no longer knows the version.
 */
export async function readAssignments(
  reading: AppleReading,
  take: (page: AssignmentsPage) => Promise<void>,
): Promise<ListRead> {
  const { core, access, run, progress } = reading;
  await enterPhase(core, run, SyncPhase.ASSIGNMENTS);
  const query = sinceVersion(reading, run.assignmentsVersionId);
  return readPages(
    (pageIndex) => core.apple.assignments(access, { pageIndex, ...query }, progress.signal),
    take,
    progress,
  );
}

async function readAssets({ core, access, run, staging, progress }: AppleReading) {
  const first = await core.apple.assets(access, { pageIndex: 0 }, progress.signal);
  if (run.mode === SyncMode.DELTA && first.versionId === run.assetsVersionId) {
    progress.expect(1);
    progress.pageRead();
    const { versionId, requestedAt, skipped } = first;
    return { assets: { versionId, requestedAt, skipped, moved: false }, assetsStaged: false };
  }
  const assets = await readPages(
    (pageIndex) =>
      pageIndex === 0 ? Promise.resolve(first) : core.apple.assets(access, { pageIndex }, progress.signal),
    (page) => staging.addAssets(page.assets, page.requestedAt),
    progress,
  );
  return { assets, assetsStaged: true };
}

function sinceVersion({ run }: Reading, versionId: string | null): { sinceVersionId?: string } {
  return run.mode === SyncMode.FULL || versionId === null ? {} : { sinceVersionId: versionId };
}

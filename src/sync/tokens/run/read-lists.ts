import { SyncMode, SyncPhase } from "../../../entities/sync-run.js";
import type { AppleAccess } from "../../apple/apple-client.js";
import type { Core } from "../../core.js";
import type { Progress } from "./progress.js";
import { type ListRead, readPages } from "./read-pages.js";
import { enterPhase, type SyncRunRecord } from "./run-record.js";
import type { Staging } from "./staging.js";

/** What a run has put into its staging tables. */
export interface ListsRead {
  readonly assets: ListRead;
  /** False in a delta whose assets have not moved since the last look: then none are staged. */
  readonly assetsStaged: boolean;
  readonly users: ListRead;
  readonly assignments: ListRead;
}

/**
 * Reads the three lists, whole or what has changed since the stored versions. Assets have no delta: they are read when
 * their version has moved.
 * @throws AppleError, 9721 when Apple no longer knows a version.
 */
export async function readLists(
  core: Core,
  access: AppleAccess,
  run: SyncRunRecord,
  staging: Staging,
  progress: Progress,
): Promise<ListsRead> {
  const delta = run.mode === SyncMode.DELTA;
  await enterPhase(core, run, SyncPhase.ASSETS);
  const { assets, assetsStaged } = await readAssets(core, access, run, staging, progress);
  await enterPhase(core, run, SyncPhase.USERS);
  const users = await readPages(
    (pageIndex) => core.apple.users(access, { pageIndex, ...since(delta ? run.usersVersionId : null) }),
    (page) => staging.addRegistrations(page.users, page.requestedAt),
    progress,
  );
  await enterPhase(core, run, SyncPhase.ASSIGNMENTS);
  const assignments = await readPages(
    (pageIndex) => core.apple.assignments(access, { pageIndex, ...since(delta ? run.assignmentsVersionId : null) }),
    (page) => staging.addAssignments(page.assignments, page.requestedAt),
    progress,
  );
  await progress.tell();
  return { assets, assetsStaged, users, assignments };
}

async function readAssets(
  core: Core,
  access: AppleAccess,
  run: SyncRunRecord,
  staging: Staging,
  progress: Progress,
): Promise<{ assets: ListRead; assetsStaged: boolean }> {
  const first = await core.apple.assets(access, { pageIndex: 0 });
  if (run.mode === SyncMode.DELTA && first.versionId === run.assetsVersionId) {
    progress.expect(1);
    await progress.pageRead();
    const { versionId, requestedAt, skipped } = first;
    return { assets: { versionId, requestedAt, skipped, moved: false }, assetsStaged: false };
  }
  const assets = await readPages(
    (pageIndex) => (pageIndex === 0 ? Promise.resolve(first) : core.apple.assets(access, { pageIndex })),
    (page) => staging.addAssets(page.assets, page.requestedAt),
    progress,
  );
  return { assets, assetsStaged: true };
}

function since(versionId: string | null): { sinceVersionId?: string } {
  return versionId === null ? {} : { sinceVersionId: versionId };
}

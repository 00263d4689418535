import type { PoolClient } from "pg";
import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { SyncPhase, SyncRunState } from "../../entities/sync-run.js";
import type { Token } from "../../entities/token.js";
import { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { clearAlerts } from "./alerts.js";
import { readTargetApps, readTargetHolders } from "./read-target-licenses.js";
import { type MirroredToken, refreshTargetToken, syncAtTarget } from "./refresh-target-token.js";
import { endHoldings, measureShrink, mustHoldBack } from "./run/end-holdings.js";
import { addFollowUps, holdBack } from "./run/end-run.js";
import { mergeApps } from "./run/merge-apps.js";
import { APPLE_ACTOR, mergeHoldings } from "./run/merge-holdings.js";
import { addRowCounts, addWarnings, enterPhase, holdRun, RunLostError, type SyncRunRecord } from "./run/run-record.js";
import { createStaging, type Staging } from "./run/staging.js";

/** While the product is away a run is begun so often, the first time again after this pause. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 60_000;
/** How long the product may take to read from Apple, and how often it is asked whether it has. */
const SYNC_PATIENCE_MS = 30 * 60_000;
const SYNC_PAUSE_MS = 60_000;
/** The second read of what the first one missed (rule 3). */
const ROUNDS = 2;

interface Work {
  readonly core: Core;
  readonly token: MirroredToken;
  readonly run: SyncRunRecord;
  readonly staging: Staging;
}

/**
 * Works off a SyncRun of a token that a product owns: has the product read from Apple, then brings our StoreApps and
 * Licenses in step with the product's books, by the same steps and rules as with Apple's own. While the product is away
 * the run is put off four times, then FAILED.
 */
export async function mirrorTargetToken(core: Core, token: Token, runId: string): Promise<void> {
  const run = await readRun(core, token, runId);
  const mirrored = await readMirroredToken(core, token);
  if (!run || !mirrored) return;
  try {
    await mirror(core, mirrored, run);
  } catch (error) {
    if (error instanceof RunLostError) return;
    if (!(error instanceof PluginError)) throw error;
    await afterFailure(core, run, error);
  }
}

async function mirror(core: Core, token: MirroredToken, run: SyncRunRecord): Promise<void> {
  if (!(await refreshTargetToken(core, token))) {
    throw new PluginError("config", "Another token here belongs to the same Apple location: this one is not read.");
  }
  const warnings = await waitForTarget(core, token, run);
  if (warnings === null) return;
  const runner = core.dataSource.createQueryRunner();
  try {
    const client: PoolClient = await runner.connect();
    const staging = await createStaging(client, run);
    try {
      await readAndMerge({ core, token, run, staging }, warnings);
    } finally {
      await staging.drop();
    }
  } finally {
    await runner.release();
  }
}

/** @returns null when the product is still reading from Apple: the run then goes on later. */
async function waitForTarget(core: Core, token: MirroredToken, run: SyncRunRecord): Promise<string[] | null> {
  if (await syncAtTarget(core, token)) return [];
  const started = await row<{ started_at: Date }>(
    core.dataSource,
    "SELECT started_at FROM sync_run WHERE token_id = $1 AND id = $2",
    [run.tokenId, run.id],
  );
  const patience = core.clock.scaled(SYNC_PATIENCE_MS);
  if (!started || core.clock.now().getTime() - started.started_at.getTime() > patience) {
    return [`"${token.targetName}" has not finished reading from Apple: its licenses may be older than this run.`];
  }
  await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    // Without a phase the next beginning is no further attempt: waiting must not use up those for a product that is away.
    await tx.query("UPDATE sync_run SET phase = NULL WHERE token_id = $1 AND id = $2", [run.tokenId, run.id]);
    await addJob(tx, "sync-token", { tokenId: run.tokenId }, core.clock.in(SYNC_PAUSE_MS));
  });
  return null;
}

async function readAndMerge(work: Work, warnings: readonly string[]): Promise<void> {
  const { core, token, run, staging } = work;
  await enterPhase(core, run, SyncPhase.ASSETS);
  const apps = await readTargetApps(core, token, staging);
  await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    await addWarnings(tx, run, warnings);
    const list = { requestedAt: apps.requestedAt, versionId: "", moved: false, skipped: 0 };
    const counts = await mergeApps(tx, run, staging, list);
    await nameApps(tx, core, run, apps.names);
    await addRowCounts(tx, run, counts);
    await addFollowUps(tx, run, counts);
  });
  let due: readonly string[] | null = null;
  for (let round = 1; round <= ROUNDS && (due === null || due.length > 0); round += 1) {
    await enterPhase(core, run, due === null ? SyncPhase.ASSIGNMENTS : SyncPhase.RECHECK);
    await readTargetHolders(core, token, staging, due);
    due = await mergeRound(work);
  }
  await conclude(work, apps.requestedAt);
}

/** The product tells names that only Apple's store would tell otherwise. */
async function nameApps(
  tx: EntityManager,
  core: Core,
  run: SyncRunRecord,
  names: readonly { adamId: string; name: string; bundleId: string | null }[],
): Promise<void> {
  await tx.query(
    `UPDATE store_app app SET name = told.name, bundle_id = told.bundle_id, metadata_at = $5
     FROM unnest($2::text[], $3::text[], $4::text[]) AS told(adam_id, name, bundle_id)
     WHERE app.token_id = $1 AND app.adam_id = told.adam_id
       AND (app.name, app.bundle_id) IS DISTINCT FROM (told.name, told.bundle_id)`,
    [
      run.tokenId,
      names.map((app) => app.adamId),
      names.map((app) => app.name),
      names.map((app) => app.bundleId),
      core.clock.now(),
    ],
  );
}

/** @returns the apps with holdings that were missed for the first time. */
function mergeRound({ core, token, run, staging }: Work): Promise<readonly string[]> {
  return core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    const merged = await mergeHoldings(tx, run, staging);
    await tx.query(`UPDATE license SET start_actor = $2 WHERE token_id = $1 AND start_actor = '${APPLE_ACTOR}'`, [
      run.tokenId,
      actorOf(token),
    ]);
    await addRowCounts(tx, run, merged);
    await addFollowUps(tx, run, merged);
    return merged.missedApps;
  });
}

async function conclude({ core, token, run, staging }: Work, requestedAt: Date): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    await holdRun(tx, run);
    const shrink = await measureShrink(tx, run, staging);
    if (await mustHoldBack(tx, run, shrink)) return holdBack(tx, core, run, shrink);
    const counts = { added: 0, changed: 0, ended: await endHoldings(tx, core, run, staging) };
    await tx.query(`UPDATE license SET end_actor = $2 WHERE token_id = $1 AND end_actor = '${APPLE_ACTOR}'`, [
      run.tokenId,
      actorOf(token),
    ]);
    await addRowCounts(tx, run, counts);
    await addFollowUps(tx, run, counts);
    await tx.query("UPDATE token SET last_sync_at = $2, last_full_sync_at = $2 WHERE id = $1", [
      run.tokenId,
      requestedAt,
    ]);
    await tx.query(
      "UPDATE sync_run SET state = $3, shrink_digest = NULL, ended_at = $4 WHERE token_id = $1 AND id = $2",
      [run.tokenId, run.id, SyncRunState.SUCCEEDED, core.clock.now()],
    );
    await clearAlerts(tx, core, AlertKind.LICENSES_SHRINK_HELD, [encodeGlobalId("Token", run.tokenId)]);
  });
}

async function afterFailure(core: Core, run: SyncRunRecord, error: PluginError): Promise<void> {
  core.log.warn(
    { tokenId: run.tokenId, syncRunId: run.id, kind: error.kind },
    `A token was not mirrored: ${error.message}`,
  );
  const again = error.kind === "transient" && run.attempts + 1 < ATTEMPTS;
  await core.dataSource.transaction(async (tx) => {
    await tx.query(
      `UPDATE sync_run SET state = $4, error = $5, ended_at = $6
       WHERE token_id = $1 AND id = $2 AND attempts = $3 AND ended_at IS NULL`,
      [
        run.tokenId,
        run.id,
        run.attempts,
        again ? SyncRunState.QUEUED : SyncRunState.FAILED,
        error.message,
        again ? null : core.clock.now(),
      ],
    );
    if (!again) return;
    const pauseMs = error.options.retryAfterMs ?? core.clock.scaled(FIRST_PAUSE_MS * 2 ** run.attempts);
    await addJob(tx, "sync-token", { tokenId: run.tokenId }, new Date(core.clock.now().getTime() + pauseMs));
  });
}

/** Who starts and ends these holdings: the product, not we. */
function actorOf(token: MirroredToken): string {
  return `target:${token.targetName}`;
}

async function readMirroredToken(core: Core, token: Token): Promise<MirroredToken | null> {
  const { id, targetId, externalId } = token;
  if (targetId === null || externalId === null) return null;
  const target = await row<{ name: string }>(core.dataSource, "SELECT name FROM target WHERE id = $1", [targetId]);
  return target && { id, targetId, externalId, targetName: target.name };
}

async function readRun(core: Core, token: Token, runId: string): Promise<SyncRunRecord | null> {
  const run = await row<Pick<SyncRunRecord, "mode" | "attempts">>(
    core.dataSource,
    "SELECT mode, attempts FROM sync_run WHERE token_id = $1 AND id = $2 AND ended_at IS NULL",
    [token.id, runId],
  );
  if (!run) return null;
  return {
    tokenId: token.id,
    id: runId,
    mode: run.mode,
    attempts: run.attempts,
    locationId: token.locationId,
    first: token.lastFullSyncAt === null,
    assetsVersionId: null,
    assignmentsVersionId: null,
    usersVersionId: null,
  };
}

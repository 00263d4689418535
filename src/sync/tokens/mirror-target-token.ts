import type { PoolClient } from "pg";
import type { EntityManager } from "typeorm";
import { SyncPhase } from "../../entities/sync-run.js";
import type { Token } from "../../entities/token.js";
import { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import type { GiveWay } from "../targets/give-way.js";
import { readTargetApps, readTargetHolders } from "./read-target-licenses.js";
import { type MirroredToken, readMirroredToken, refreshTargetToken, syncAtTarget } from "./refresh-target-token.js";
import { afterFailure } from "./run/after-failure.js";
import { compareList, type Reading } from "./run/compare-holdings.js";
import { closeSucceeded } from "./run/end-run.js";
import { recheck } from "./run/recheck.js";
import { addWarnings, enterPhase, holdRun, RunLostError, type SyncRunRecord } from "./run/run-record.js";
import { createStaging } from "./run/staging.js";
import { writeRun } from "./run/write-run.js";

/** How long the product may take to read from Apple, and how often it is asked whether it has. */
const SYNC_PATIENCE_MS = 30 * 60_000;
const SYNC_PAUSE_MS = 60_000;
interface Mirroring extends Reading {
  readonly token: MirroredToken;
}

/**
 * Works off a SyncRun of a token that a product owns: has the product read from Apple, then brings our StoreApps and
 * Licenses in step with the product's books, by the same steps and rules as with Apple's own. While the product is away
 * the run is put off four times, then FAILED.
 */
export async function mirrorTargetToken(
  core: Core,
  token: Token,
  run: SyncRunRecord,
  client: PoolClient,
  giveWay: GiveWay,
): Promise<void> {
  const mirrored = await readMirroredToken(core, token, giveWay);
  if (!mirrored) return;
  try {
    await mirror(core, mirrored, run, client);
  } catch (error) {
    if (error instanceof RunLostError) return;
    if (!(error instanceof PluginError)) throw error;
    const { message, kind, options } = error;
    await afterFailure(core, run, { message, passing: kind === "transient", retryAfterMs: options.retryAfterMs });
  }
}

async function mirror(core: Core, token: MirroredToken, run: SyncRunRecord, client: PoolClient): Promise<void> {
  if (!(await refreshTargetToken(core, token))) {
    throw new PluginError("config", "Another token here belongs to the same Apple location: this one is not read.");
  }
  const warnings = await waitForTarget(core, token, run);
  if (warnings === null) return;
  const staging = await createStaging(client, run);
  try {
    await readAndWrite({ core, token, run, staging }, warnings);
  } finally {
    await staging.drop();
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

async function readAndWrite(mirroring: Mirroring, warnings: readonly string[]): Promise<void> {
  const { core, token, run, staging } = mirroring;
  await enterPhase(core, run, SyncPhase.ASSETS);
  const { requestedAt, names } = await readTargetApps(core, token, staging);
  await enterPhase(core, run, SyncPhase.ASSIGNMENTS);
  const askedAt = core.clock.now();
  await readTargetHolders(core, token, staging, null);
  await compareList(mirroring, askedAt);
  await enterPhase(core, run, SyncPhase.RECHECK);
  await recheck(mirroring, { readHoldings: (apps) => readTargetHolders(core, token, staging, apps) }, null);
  await enterPhase(core, run, SyncPhase.MERGE);
  const apps = { requestedAt, versionId: "", moved: false, skipped: 0 };
  await writeRun(mirroring, { apps, users: null, actor: `target:${token.targetName}` }, async (tx) => {
    await addWarnings(tx, run, warnings);
    await nameApps(tx, core, run, names);
    await tx.query("UPDATE token SET last_sync_at = $2, last_full_sync_at = $2 WHERE id = $1", [
      run.tokenId,
      requestedAt,
    ]);
    await closeSucceeded(tx, core, run);
  });
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

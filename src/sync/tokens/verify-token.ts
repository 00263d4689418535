import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { TokenHealthState } from "../../entities/token.js";
import { type Reader, row } from "../../queries/sql.js";
import { AppleError } from "../apple/apple-error.js";
import type { Core } from "../core.js";
import { addJob, type Jobs } from "../jobs.js";
import { changeHealth, type HealthFinding } from "./change-health.js";
import { unreadHealth } from "./claim/distrust-database.js";
import { type SettledClaim, settleClaim } from "./claim/settle-claim.js";
import { confirmedHealth } from "./health-from-config.js";
import { recordConfig } from "./record-config.js";
import { requestSync } from "./request-sync.js";
import { subscriptionStands, wantedSubscription } from "./subscription.js";
import { accessToken, tokenErrorHealth } from "./token-access.js";

const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * MINUTE_MS;

/** A token when Apple was asked, which tells whether it was renewed, or something else found of it, meanwhile. */
interface HealthAtStart {
  fingerprint: string | null;
  health_state: TokenHealthState;
  health_since: Date;
  distrusted_at: Date | null;
}

/**
 * Asks Apple about a token and claims its location unless somebody else has; the token may write from then on, unless the
 * database has yet to be read anew. While Apple is away nothing changes, and it is asked again after as long as it has not
 * answered yet, a minute to an hour. Nothing is concluded over what was found while Apple was being asked: then it is
 * asked again at once. One that an admin has paused is not asked about before it is resumed.
 */
export async function verifyToken(core: Core, { tokenId }: Jobs["verify-token"]): Promise<void> {
  const start = await readHealth(core.dataSource, tokenId);
  if (start?.health_state === TokenHealthState.SUSPENDED) return;
  const access = await accessToken(core, tokenId);
  if (!start || !access) return;
  try {
    const settled = await settleClaim(core, access, await core.apple.clientConfig(access));
    if (!settled) return;
    if (!settled.fault) await askForReading(core, tokenId, start, settled.overtook);
    await conclude(core, tokenId, start, (tx, now) => record(tx, core, tokenId, settled, now));
  } catch (error) {
    if (!(error instanceof AppleError)) throw error;
    const health = tokenErrorHealth(error);
    if (health) await conclude(core, tokenId, start, async () => health);
    else await askAgain(core, tokenId, error);
  }
}

function readHealth(from: Reader, tokenId: string, lock = ""): Promise<HealthAtStart | null> {
  return row<HealthAtStart>(
    from,
    `SELECT fingerprint, health_state, health_since, distrusted_at FROM token WHERE id = $1 ${lock}`,
    [tokenId],
  );
}

function isUnchanged(start: HealthAtStart, now: HealthAtStart): boolean {
  return (
    now.fingerprint === start.fingerprint &&
    now.health_state === start.health_state &&
    now.health_since.getTime() === start.health_since.getTime()
  );
}

/** Writes the verdict unless the token's health is no longer what it was when Apple was asked. */
async function conclude(
  core: Core,
  tokenId: string,
  start: HealthAtStart,
  verdict: (tx: EntityManager, now: HealthAtStart) => Promise<HealthFinding>,
): Promise<void> {
  await core.dataSource.transaction(async (tx) => {
    const now = await readHealth(tx, tokenId, "FOR NO KEY UPDATE");
    if (!now) return;
    if (isUnchanged(start, now)) {
      await tx.query("UPDATE token SET taking_over = NULL WHERE id = $1 AND taking_over IS NOT NULL", [tokenId]);
      return changeHealth(tx, core, tokenId, await verdict(tx, now));
    }
    await addJob(tx, "verify-token", { tokenId });
  });
}

async function record(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  { config, fault }: SettledClaim,
  now: HealthAtStart,
): Promise<HealthFinding> {
  if (fault) return fault;
  const expiresAt = await recordConfig(tx, tokenId, config);
  if (now.distrusted_at !== null) return unreadHealth(null);
  // A server that replaces what stands there has lost it with our claim.
  const subscribed = subscriptionStands(config, wantedSubscription(core, tokenId));
  if (!subscribed) await addJob(tx, "subscribe-notifications", { tokenId });
  // Operations may have waited for Apple to show our claim, without any change of health.
  await addJob(tx, "run-operations", { tokenId });
  return confirmedHealth(expiresAt, core.clock.now());
}

/**
 * Asks for what has to be read: everything, of a database that is not trusted; what another instance may have written after
 * we had read, when ours has taken its place. Before the token is locked, as `holdOpenRun` says.
 */
async function askForReading(
  core: Core,
  tokenId: string,
  { distrusted_at }: HealthAtStart,
  overtook: boolean,
): Promise<void> {
  if (distrusted_at === null && !overtook) return;
  const mode = distrusted_at === null ? SyncMode.DELTA : SyncMode.FULL;
  await core.dataSource.transaction(async (tx) => {
    const open = await row<{ mode: SyncMode }>(
      tx,
      "SELECT mode FROM sync_run WHERE token_id = $1 AND ended_at IS NULL",
      [tokenId],
    );
    // The pauses of a full run that is open would be cut short.
    if (mode === SyncMode.FULL && open?.mode === SyncMode.FULL) return;
    await requestSync(tx, core, tokenId, { mode, trigger: SyncTrigger.RECOVERY });
  });
}

async function askAgain(core: Core, tokenId: string, error: AppleError): Promise<void> {
  core.log.warn({ tokenId, error: error.message }, "A token could not be verified; Apple is asked again later");
  const token = await readHealth(core.dataSource, tokenId);
  if (!token) return;
  const now = core.clock.now().getTime();
  const soFar = now - token.health_since.getTime();
  const pause = Math.min(Math.max(soFar, core.clock.scaled(MINUTE_MS)), core.clock.scaled(LONGEST_PAUSE_MS));
  const at = new Date(now + Math.max(pause, error.retryAfterMs ?? 0));
  await core.dataSource.transaction((tx) => addJob(tx, "verify-token", { tokenId }, at));
}

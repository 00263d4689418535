import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { SyncMode, SyncRunState, SyncTrigger } from "../../../entities/sync-run.js";
import { TokenAuthority, TokenHealthState } from "../../../entities/token.js";
import { rows } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { raiseAlerts } from "../../raise-alerts.js";
import { changeHealth, type HealthFinding } from "../change-health.js";
import { requestSync } from "../request-sync.js";
import { spreadTurn } from "../spread-turn.js";
import type { Identity } from "./identity.js";

/** More are not kept: a copy that lived so long ago has been read and claimed over many times. */
const INSTANCES_KEPT = 50;

/** Why the database is taken for older than Apple, or for a copy. */
export interface Distrust {
  /** How we know, in a sentence. */
  readonly evidence: string;
  /** The highest epoch that was seen anywhere. */
  readonly epoch: number;
  /** Whose claims are known to be ours, beside those that the database knows. */
  readonly instances: readonly string[];
}

/**
 * Closes every token of ours until everything was read from Apple anew, since what the database says may be long past:
 * open operations are paused, to be looked up before anything is sent again (rule 2), jobs are dropped, since the sweep
 * finds what there is to do, and we claim under a new name, so that a copy which lives on can be told from us. One that an
 * admin has paused is read when it is resumed.
 * @param us locked.
 */
export async function distrustDatabase(
  tx: EntityManager,
  core: Core,
  us: Identity,
  { evidence, epoch, instances }: Distrust,
): Promise<void> {
  const now = core.clock.now();
  const former = [...new Set([us.instance, ...instances, ...us.formerInstances])].slice(0, INSTANCES_KEPT);
  await tx.query("UPDATE service_identity SET instance = $1, epoch = $2, former_instances = $3", [
    core.clock.uuid(),
    Math.max(us.epoch, epoch) + 1,
    former,
  ]);
  await endOpenRuns(tx, core);
  const tokens = await rows<{ id: string; health_state: TokenHealthState }>(
    tx,
    `SELECT id, health_state FROM token WHERE authority = '${TokenAuthority.SERVICE}' ORDER BY id FOR NO KEY UPDATE`,
  );
  await tx.query(
    `UPDATE token SET distrusted_at = $1, claimed_epoch = NULL, taking_over = NULL
     WHERE authority = '${TokenAuthority.SERVICE}'`,
    [now],
  );
  await dropJobs(tx);
  for (const { id, health_state } of tokens) {
    if (health_state === TokenHealthState.SUSPENDED) continue;
    await changeHealth(tx, core, id, unreadHealth(evidence));
    const at = spreadTurn(core, now, id, tokens.length);
    await requestSync(tx, core, id, { mode: SyncMode.FULL, trigger: SyncTrigger.RECOVERY, ...(at && { at }) });
  }
  if (tokens.length > 0) await raiseAlert(tx, core, us, evidence);
}

/** What is so of a token while the database is not trusted. */
export function unreadHealth(evidence: string | null): HealthFinding {
  return {
    state: TokenHealthState.UNVERIFIED,
    cause: "The database was restored or copied, and may be older than what we have done at Apple since.",
    evidence,
    remedy: "Nothing is to be done: everything is read from Apple first, and then the token writes again.",
  };
}

/** A run that was open is of the past that was put back, or began before anybody knew: it proves nothing. */
async function endOpenRuns(tx: EntityManager, core: Core): Promise<void> {
  await tx.query(
    `UPDATE sync_run SET state = '${SyncRunState.FAILED}', ended_at = $1,
                         error = 'The database was found restored or copied: everything is read anew.'
     FROM token WHERE token.id = sync_run.token_id AND token.authority = '${TokenAuthority.SERVICE}'
                  AND sync_run.ended_at IS NULL`,
    [core.clock.now()],
  );
}

/** Not those under way: their queue would stay locked. They find every token closed. */
async function dropJobs(tx: EntityManager): Promise<void> {
  await tx.query(
    `DELETE FROM graphile_worker._private_jobs
     WHERE locked_at IS NULL AND payload ->> 'tokenId' IN
           (SELECT id::text FROM token WHERE authority = '${TokenAuthority.SERVICE}')`,
  );
}

async function raiseAlert(tx: EntityManager, core: Core, us: Identity, evidence: string): Promise<void> {
  const message =
    `The database was restored or copied. ${evidence} Nothing is changed at Apple before each token was read in full; ` +
    "that begins by itself. If another Allotment still runs on the original, stop one of the two.";
  // The alert is about the installation, which is no object of the API.
  const subject = encodeGlobalId("ServiceIdentity", us.mdmId);
  await raiseAlerts(tx, core, AlertKind.DATABASE_RESTORED, [{ subject, message }]);
}

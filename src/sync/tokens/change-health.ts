import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { AppleOperationState } from "../../entities/apple-operation.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { TokenHealthState, WRITABLE_HEALTH } from "../../entities/token.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { clearAlerts, raiseAlerts } from "../raise-alerts.js";

/** What was found of a token. */
export interface HealthFinding {
  readonly state: TokenHealthState;
  readonly cause: string | null;
  /** How we know: Apple's number or the fact that was read. */
  readonly evidence: string | null;
  readonly remedy: string | null;
}

interface StoredHealth {
  name: string;
  health_state: TokenHealthState;
  health_since: Date;
  health_cause: string | null;
  health_evidence: string | null;
  health_remedy: string | null;
}

/**
 * Writes what was found of a token, and freezes or thaws what is planned with it (rule 7): a token that may not write has
 * its open operations PAUSED, one that may write again has them looked up first (rule 2). Nothing is written when nothing
 * has changed.
 * @param options.liftsPause only the admin who paused a token ends its SUSPENDED.
 */
export async function changeHealth(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  health: HealthFinding,
  options: { readonly liftsPause: boolean } = { liftsPause: false },
): Promise<void> {
  const before = await row<StoredHealth>(
    tx,
    `SELECT name, health_state, health_since, health_cause, health_evidence, health_remedy FROM token WHERE id = $1
     FOR NO KEY UPDATE`,
    [tokenId],
  );
  if (!before || isSame(before, health)) return;
  if (before.health_state === TokenHealthState.SUSPENDED && !options.liftsPause) return;
  await tx.query(
    `UPDATE token SET health_state = $2, health_cause = $3, health_evidence = $4, health_remedy = $5,
                      health_since = CASE WHEN health_state = $2 THEN health_since ELSE $6 END
     WHERE id = $1`,
    [tokenId, health.state, health.cause, health.evidence, health.remedy, core.clock.now()],
  );
  if (!WRITABLE_HEALTH.includes(before.health_state) && before.health_state !== health.state) {
    await addFrozenTime(tx, core, tokenId, before.health_since);
  }
  if (!WRITABLE_HEALTH.includes(health.state)) await freeze(tx, core, tokenId, before.name, health);
  else if (!WRITABLE_HEALTH.includes(before.health_state)) await thaw(tx, core, tokenId);
}

async function freeze(
  tx: EntityManager,
  core: Core,
  tokenId: string,
  name: string,
  health: HealthFinding,
): Promise<void> {
  await tx.query(
    `UPDATE apple_operation SET state = '${AppleOperationState.PAUSED}', deadline_at = NULL
     WHERE token_id = $1 AND ended_at IS NULL AND state <> '${AppleOperationState.PAUSED}'`,
    [tokenId],
  );
  if (health.state === TokenHealthState.UNVERIFIED) return;
  const what = `Nothing can be changed at Apple with the token "${name}", so what is planned with it waits.`;
  const message = [what, health.cause, health.remedy].filter((sentence) => sentence !== null).join(" ");
  await raiseAlerts(tx, core, AlertKind.TOKEN_NOT_WRITABLE, [{ subject: encodeGlobalId("Token", tokenId), message }]);
}

/** No deadline runs while a token may not write (rule 7): the time since it was found so does not count. */
async function addFrozenTime(tx: EntityManager, core: Core, tokenId: string, since: Date): Promise<void> {
  await tx.query(
    `WITH frozen AS (
       SELECT i.id FROM installation i JOIN token ON token.id = i.token_id AND token.authority = 'SERVICE'
       WHERE i.token_id = $1 AND i.deadline_at IS NOT NULL ORDER BY i.token_id, i.id FOR UPDATE OF i
     )
     UPDATE installation i SET deadline_at = i.deadline_at + ($3::timestamptz - GREATEST($2::timestamptz, i.state_at))
     FROM frozen WHERE i.token_id = $1 AND i.id = frozen.id`,
    [tokenId, since, core.clock.now()],
  );
}

async function thaw(tx: EntityManager, core: Core, tokenId: string): Promise<void> {
  await tx.query(
    `UPDATE apple_operation SET state = '${AppleOperationState.UNKNOWN}', next_attempt_at = $2
     WHERE token_id = $1 AND ended_at IS NULL AND state = '${AppleOperationState.PAUSED}'`,
    [tokenId, core.clock.now()],
  );
  await clearAlerts(tx, core, AlertKind.TOKEN_NOT_WRITABLE, [encodeGlobalId("Token", tokenId)]);
  await addJob(tx, "run-operations", { tokenId });
  await addJob(tx, "license-installations", { tokenId });
  await addJob(tx, "subscribe-notifications", { tokenId });
}

function isSame(before: StoredHealth, health: HealthFinding): boolean {
  return (
    before.health_state === health.state &&
    before.health_cause === health.cause &&
    before.health_evidence === health.evidence &&
    before.health_remedy === health.remedy
  );
}

import type { EntityManager } from "typeorm";
import { AlertRuleKind } from "../../entities/alert-rule.js";
import type { Core } from "../core.js";
import type { Jobs } from "../jobs.js";
import { FOUND_SQL } from "./found-sql.js";

const HOUR_MS = 3_600_000;

/**
 * Thousands of alerts may be raised at once while PostgreSQL takes the table for a small one: it would compare each with all
 * that is being written.
 */
const JOIN_LISTS = "SET LOCAL enable_nestloop = off";

/** Brings the alerts that rules decide on in step with how things are, for all tokens. */
export async function checkAlerts(core: Core): Promise<void> {
  await keepAll(core, null);
}

/** The same for one token, as after each of its synchronisations. */
export async function checkTokenAlerts(core: Core, { tokenId }: Jobs["check-token-alerts"]): Promise<void> {
  await keepAll(core, tokenId);
}

async function keepAll(core: Core, tokenId: string | null): Promise<void> {
  for (const kind of Object.values(AlertRuleKind)) {
    await core.dataSource.transaction((tx) => keep(tx, core, kind, tokenId));
  }
}

/**
 * Raises, words anew and clears alerts in one statement, and touches none that stays as it is. Only one worker is at it at a
 * time: all jobs that call this share a queue.
 */
async function keep(tx: EntityManager, core: Core, kind: AlertRuleKind, tokenId: string | null): Promise<void> {
  if (tokenId === null) await tx.query(JOIN_LISTS);
  await tx.query(
    `WITH given AS (SELECT $1::uuid, $2::timestamptz, $3::float8),
          found AS MATERIALIZED (${FOUND_SQL[kind]}),
          cleared AS (
            UPDATE alert SET cleared_at = $2
            WHERE kind = $4 AND cleared_at IS NULL AND ($1::uuid IS NULL OR token_id = $1)
              AND NOT EXISTS (SELECT FROM found WHERE found.subject = alert.subject))
     INSERT INTO alert (id, kind, subject, token_id, message, raised_at)
     SELECT gen_random_uuid(), $4, subject, token_id, message, $2 FROM found
     WHERE NOT EXISTS (SELECT FROM alert WHERE alert.kind = $4 AND alert.subject = found.subject
                         AND alert.cleared_at IS NULL AND alert.message = found.message)
     ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET message = excluded.message`,
    [tokenId, core.clock.now(), core.clock.scaled(HOUR_MS), kind],
  );
}

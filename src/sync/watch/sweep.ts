import type { EntityManager } from "typeorm";
import { claimableSql } from "../../entities/store-app.js";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { RELEASE_DUE_SQL, STANDING_ORDERS_SQL } from "../../queries/release-due-sql.js";
import { row, rows } from "../../queries/sql.js";
import { sweepNotices } from "../alerts/webhooks/sweep-notices.js";
import { UNSENT_SQL } from "../alerts/webhooks/unsent-sql.js";
import type { Core } from "../core.js";
import { expireReservations } from "../deployments/expire-reservations.js";
import { expireWaits } from "../deployments/expire-waits.js";
import { sweepPlans } from "../deployments/plan/sweep-plans.js";
import { tokensOfFormer } from "../deployments/release-former.js";
import { tokensOfLeavers } from "../deployments/retire-leavers.js";
import { addJob, type JobName, storedNames } from "../jobs.js";
import { forgetNotifications } from "../licenses/notifications/forget-notifications.js";
import { heedKeptHints } from "../licenses/notifications/heed-kept-hints.js";
import { checkDatabase } from "../tokens/claim/check-database.js";
import { requestSync } from "../tokens/request-sync.js";
import { forgetPast } from "./forget-past.js";

/** How long work may be overdue before the sweep looks after it: its own job comes first. */
const OVERDUE_MS = 30_000;

/** How often Apple is asked, without notifications, whether an invitation was accepted. */
const INVITATION_INTERVAL_MS = 15 * 60_000;

interface OverdueWork {
  readonly job: JobName;
  readonly key: "tokenId" | "targetId" | "endpointId";
  readonly sql: string;
  /** A job for later is a pause on purpose, and not cut short. */
  readonly keepsPauses?: boolean;
}

/** Where work can lie whose job was lost: the job that would find it, and the places where something is overdue. */
const OVERDUE_WORK: readonly OverdueWork[] = [
  {
    job: "run-operations",
    key: "tokenId",
    sql: "SELECT DISTINCT token_id AS place FROM apple_operation WHERE ended_at IS NULL AND state <> 'PAUSED' AND next_attempt_at <= $1",
  },
  {
    job: "license-installations",
    key: "tokenId",
    sql: "SELECT DISTINCT token_id AS place FROM installation WHERE (state IN ('REQUESTED', 'WAITING_FOR_USER') OR reason = 'LICENSE_RETURNING') AND state_at <= $1",
  },
  {
    job: "license-installations",
    key: "tokenId",
    sql: `SELECT DISTINCT app.token_id AS place FROM store_app app
          JOIN deployment ON deployment.token_id = app.token_id AND deployment.store_app_id = app.id
          WHERE ${claimableSql("$1")} > 0 AND EXISTS (
            SELECT 1 FROM installation i
            WHERE i.token_id = app.token_id AND i.store_app_id = app.id AND i.deployment_id = deployment.id
              AND i.state = 'WAITING_FOR_LICENSE' AND i.queued_at <= $1)`,
  },
  {
    job: "advance-installations",
    key: "tokenId",
    sql: `SELECT DISTINCT i.token_id AS place FROM installation i
          JOIN license ON license.token_id = i.token_id AND license.id = i.license_id
          WHERE (license.ended_at <= $1 OR i.state = 'CLAIMING' AND license.assigned_at <= $1)`,
  },
  {
    job: "apply-steps",
    key: "targetId",
    sql: "SELECT DISTINCT target_id AS place FROM installation WHERE state IN ('LICENSED', 'REMOVING') AND handle IS NULL AND next_look_at <= $1",
  },
  {
    job: "apply-steps",
    key: "targetId",
    sql: "SELECT DISTINCT target_id AS place FROM installation WHERE handle IS NOT NULL AND verify_at <= $1",
  },
  {
    job: "poll-steps",
    key: "targetId",
    sql: "SELECT DISTINCT target_id AS place FROM installation WHERE handle IS NOT NULL AND next_look_at <= $1",
  },
  {
    job: "prepare-applications",
    key: "targetId",
    sql: "SELECT DISTINCT target_id AS place FROM application WHERE ready_at IS NULL AND created_at <= $1",
    keepsPauses: true,
  },
  {
    job: "return-at-target",
    key: "targetId",
    sql: `SELECT DISTINCT i.target_id AS place FROM installation i JOIN token ON token.id = i.token_id AND token.authority = 'TARGET'
          WHERE i.state = 'RETURNING' AND i.state_at <= $1`,
    keepsPauses: true,
  },
  {
    job: "release-orders",
    key: "targetId",
    sql: `SELECT DISTINCT application.target_id AS place FROM ${STANDING_ORDERS_SQL}
          WHERE o.given_at <= $1 AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= $1) AND ${RELEASE_DUE_SQL}`,
  },
  {
    job: "read-webhook-events",
    key: "targetId",
    sql: "SELECT DISTINCT target_id AS place FROM webhook_event WHERE read_at IS NULL AND received_at <= $1",
  },
  {
    job: "read-notifications",
    key: "tokenId",
    sql: "SELECT DISTINCT token_id AS place FROM apple_notification WHERE read_at IS NULL AND received_at <= $1",
  },
  {
    job: "send-webhooks",
    key: "endpointId",
    sql: `SELECT DISTINCT endpoint_id AS place FROM webhook_delivery unsent WHERE next_attempt_at <= $1 AND ${UNSENT_SQL}`,
  },
  {
    job: "sync-token",
    key: "tokenId",
    sql: "SELECT DISTINCT token_id AS place FROM sync_run WHERE ended_at IS NULL AND started_at <= $1",
    keepsPauses: true,
  },
  {
    job: "remove-token",
    key: "tokenId",
    sql: "SELECT id AS place FROM token WHERE removing_at <= $1",
    keepsPauses: true,
  },
];

/** Finds what nobody is at work on: passed deadlines, overdue work, accepted invitations, kept hints. Harmless at any time. */
export async function sweep(core: Core): Promise<void> {
  await checkDatabase(core);
  await expireWaits(core);
  const overdueSince = new Date(core.clock.now().getTime() - core.clock.scaled(OVERDUE_MS));
  await core.dataSource.transaction(async (tx) => {
    await expireReservations(tx, core);
    for (const work of OVERDUE_WORK) {
      for (const { place } of await rows<{ place: string }>(tx, work.sql, [overdueSince])) {
        await addIfIdle(tx, work, place);
      }
    }
    for (const tokenId of await tokensOfLeavers(tx, core)) {
      await addIfIdle(tx, { job: "retire-leavers", key: "tokenId" }, tokenId);
    }
    for (const tokenId of await tokensOfFormer(tx, core, overdueSince)) {
      await addIfIdle(tx, { job: "advance-installations", key: "tokenId" }, tokenId);
    }
    if (await row(tx, "SELECT FROM device WHERE lost_at <= $1 LIMIT 1", [overdueSince])) {
      await addJob(tx, "leave-lost-devices", {});
    }
    await lookForAcceptedInvitations(tx, core);
    await heedKeptHints(tx, core);
    await forgetSpentBudgets(tx);
    await sweepPlans(tx, core);
    await forgetNotifications(tx, core);
    await sweepNotices(tx, core);
    await forgetPast(tx, core);
  });
}

/** Leaves alone a place whose job is due or runs; most jobs for later may be later than they have to be. */
async function addIfIdle(
  tx: EntityManager,
  { job, key, keepsPauses }: Omit<OverdueWork, "sql">,
  place: string,
): Promise<void> {
  const busy = await rows(
    tx,
    `SELECT 1 FROM graphile_worker._private_jobs job JOIN graphile_worker._private_tasks task ON task.id = job.task_id
     WHERE task.identifier = ANY($1) AND job.payload ->> $2 = $3 AND job.attempts < job.max_attempts
       AND ($4 OR job.run_at <= now() OR job.locked_at IS NOT NULL) LIMIT 1`,
    [storedNames(job), key, place, keepsPauses ?? false],
  );
  if (busy.length === 0) await addJob(tx, job, { [key]: place } as never);
}

/** Turns that are over, by the clock that gave them; a token file that was refused has left some, too. */
async function forgetSpentBudgets(tx: EntityManager): Promise<void> {
  await tx.query("DELETE FROM rate_limit WHERE expire < extract(epoch FROM clock_timestamp()) * 1000");
}

async function lookForAcceptedInvitations(tx: EntityManager, core: Core): Promise<void> {
  const tokens = await rows<{ token_id: string }>(
    tx,
    `SELECT DISTINCT i.token_id FROM installation i JOIN token ON token.id = i.token_id
     WHERE i.state = 'WAITING_FOR_USER' AND i.reason = 'INVITATION_OPEN' AND token.last_sync_at <= $1
       AND token.health_state IN ('ACTIVE', 'EXPIRING')`,
    [new Date(core.clock.now().getTime() - core.clock.scaled(INVITATION_INTERVAL_MS))],
  );
  for (const { token_id } of tokens) {
    await requestSync(tx, core, token_id, { mode: SyncMode.DELTA, trigger: SyncTrigger.SCHEDULE });
  }
}

import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { row, rows } from "../../queries/sql.js";
import { sweepNotices } from "../alerts/webhooks/sweep-notices.js";
import type { Core } from "../core.js";
import { expireReservations } from "../deployments/expire-reservations.js";
import { expireWaits } from "../deployments/expire-waits.js";
import { sweepPlans } from "../deployments/plan/sweep-plans.js";
import { inTransaction } from "../in-transaction.js";
import { addJob } from "../jobs.js";
import { forgetNotifications } from "../licenses/notifications/forget-notifications.js";
import { heedKeptHints } from "../licenses/notifications/heed-kept-hints.js";
import { checkDatabase } from "../tokens/claim/check-database.js";
import { requestSync } from "../tokens/request-sync.js";
import { addWhereIdle } from "./add-where-idle.js";
import { forgetPast } from "./forget-past.js";
import { OVERDUE_WORK } from "./overdue-work.js";

/** How long work may be overdue before the sweep looks after it: its own job comes first. */
const OVERDUE_MS = 30_000;

/** How often Apple is asked, without notifications, whether an invitation was accepted. */
const INVITATION_INTERVAL_MS = 15 * 60_000;

/** What is done after the overdue work is found. */
const CHORES: readonly ((tx: EntityManager, core: Core) => Promise<unknown>)[] = [
  lookForAcceptedInvitations,
  heedKeptHints,
  forgetSpentBudgets,
  sweepPlans,
  forgetNotifications,
  sweepNotices,
  forgetPast,
];

/**
 * Finds what nobody is at work on: passed deadlines, overdue work, accepted invitations, kept hints. Harmless at any time. Each is
 * a transaction of its own: a job that is added is not taken before its transaction ends.
 */
export async function sweep(core: Core): Promise<void> {
  await checkDatabase(core);
  await expireWaits(core);
  await inTransaction(core, (tx) => expireReservations(tx, core));
  const overdueSince = new Date(core.clock.now().getTime() - core.clock.scaled(OVERDUE_MS));
  for (const work of OVERDUE_WORK) {
    await inTransaction(core, async (tx) => addWhereIdle(tx, work, await work.find(tx, core, overdueSince)));
  }
  await inTransaction(core, (tx) => heedLosses(tx, overdueSince));
  for (const chore of CHORES) await inTransaction(core, (tx) => chore(tx, core));
}

async function heedLosses(tx: EntityManager, overdueSince: Date): Promise<void> {
  if (await row(tx, "SELECT FROM device WHERE lost_at <= $1 LIMIT 1", [overdueSince])) {
    await addJob(tx, "leave-lost-devices", {});
  }
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

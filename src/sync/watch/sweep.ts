import type { EntityManager } from "typeorm";
import { SyncMode, SyncTrigger } from "../../entities/sync-run.js";
import { row, rows } from "../../queries/sql.js";
import { sweepNotices } from "../alerts/webhooks/sweep-notices.js";
import type { Core } from "../core.js";
import { expireReservations } from "../deployments/expire-reservations.js";
import { expireWaits } from "../deployments/expire-waits.js";
import { sweepPlans } from "../deployments/plan/sweep-plans.js";
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

/** Finds what nobody is at work on: passed deadlines, overdue work, accepted invitations, kept hints. Harmless at any time. */
export async function sweep(core: Core): Promise<void> {
  await checkDatabase(core);
  await expireWaits(core);
  const overdueSince = new Date(core.clock.now().getTime() - core.clock.scaled(OVERDUE_MS));
  await core.dataSource.transaction(async (tx) => {
    await expireReservations(tx, core);
    for (const work of OVERDUE_WORK) {
      await addWhereIdle(tx, work, await work.find(tx, core, overdueSince));
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

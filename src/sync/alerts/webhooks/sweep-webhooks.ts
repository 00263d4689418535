import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";

/** What follows the first notice within this time goes into the same message; with the sweep's pause, less than a minute. */
const GATHER_MS = 30_000;
const KEPT_MS = 30 * 86_400_000;

/** Has what was noticed digested once it was gathered, and forgets old messages. */
export async function sweepWebhooks(tx: EntityManager, core: Core): Promise<void> {
  const now = core.clock.now().getTime();
  const gathered = await row(tx, "SELECT FROM alert_notice WHERE noticed_at <= $1 LIMIT 1", [
    new Date(now - core.clock.scaled(GATHER_MS)),
  ]);
  if (gathered) await addJob(tx, "digest-alerts", {});
  await tx.query("DELETE FROM webhook_delivery WHERE ended_at <= $1", [new Date(now - core.clock.scaled(KEPT_MS))]);
}

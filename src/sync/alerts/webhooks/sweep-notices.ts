import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";

/** What follows the first notice within this time goes into the same message; with the sweep's pause, less than a minute. */
const GATHER_MS = 30_000;

/** Has what was noticed digested once it was gathered. */
export async function sweepNotices(tx: EntityManager, core: Core): Promise<void> {
  const before = new Date(core.clock.now().getTime() - core.clock.scaled(GATHER_MS));
  const gathered = await row(tx, "SELECT FROM alert_notice WHERE noticed_at <= $1 LIMIT 1", [before]);
  if (gathered) await addJob(tx, "digest-alerts", {});
}

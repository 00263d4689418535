import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { addJob } from "../../jobs.js";
import { clearAlerts } from "../../raise-alerts.js";

/** A call has succeeded: what has waited for the target goes on at once. */
export async function closeCircuit(tx: EntityManager, core: Core, targetId: string): Promise<void> {
  const before = await row<{ wasOpen: boolean }>(
    tx,
    `SELECT opened_at IS NOT NULL AS "wasOpen" FROM target WHERE id = $1 FOR NO KEY UPDATE`,
    [targetId],
  );
  await tx.query(
    `UPDATE target SET failures = 0, opened_at = NULL, paused_until = NULL, tried_until = NULL, last_error = NULL,
            last_failed_at = NULL WHERE id = $1`,
    [targetId],
  );
  if (!before?.wasOpen) return;
  await clearAlerts(tx, core, AlertKind.TARGET_FAILING, [encodeGlobalId("Target", targetId)]);
  for (const job of ["prepare-applications", "apply-steps", "poll-steps", "return-at-target"] as const) {
    await addJob(tx, job, { targetId });
  }
}

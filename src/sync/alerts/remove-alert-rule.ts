import type { EntityManager } from "typeorm";
import { AlertRule } from "../../entities/alert-rule.js";
import { missing } from "../../queries/node-key.js";
import { row } from "../../queries/sql.js";
import { addJob } from "../jobs.js";

/** Removes a rule: the next wider one counts, if there is one. @throws AppError NOT_FOUND. */
export async function removeAlertRule(tx: EntityManager, id: string): Promise<void> {
  const removed = await row(tx, "DELETE FROM alert_rule WHERE id = $1 RETURNING id", [id]);
  if (!removed) missing(AlertRule, id);
  await addJob(tx, "check-alerts", {});
}

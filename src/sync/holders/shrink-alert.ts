import type { EntityManager } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";

/** Says that removals are held back, once for as long as they are. `subject` is a global id. */
export async function raiseShrinkAlert(tx: EntityManager, core: Core, subject: string, message: string): Promise<void> {
  await tx.query(
    `INSERT INTO alert (id, kind, subject, message, raised_at)
     VALUES ($1, '${AlertKind.MEMBERS_SHRINK_HELD}', $2, $3, $4)
     ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET message = excluded.message`,
    [core.clock.uuid(), subject, message, core.clock.now()],
  );
}

/** Ends such alerts. */
export async function clearShrinkAlerts(tx: EntityManager, core: Core, subjects: readonly string[]): Promise<void> {
  if (subjects.length === 0) return;
  await tx.query(
    `UPDATE alert SET cleared_at = $2
     WHERE kind = '${AlertKind.MEMBERS_SHRINK_HELD}' AND subject = ANY($1) AND cleared_at IS NULL`,
    [subjects, core.clock.now()],
  );
}

/** Those of these subjects that have such an alert. */
export async function subjectsWithShrinkAlert(
  tx: EntityManager,
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  const open = await rows<{ subject: string }>(
    tx,
    `SELECT subject FROM alert
     WHERE kind = '${AlertKind.MEMBERS_SHRINK_HELD}' AND subject = ANY($1) AND cleared_at IS NULL`,
    [subjects],
  );
  return new Set(open.map(({ subject }) => subject));
}

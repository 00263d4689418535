import { type EntityManager, In } from "typeorm";
import { AlertKind } from "../../entities/alert.js";
import { apnsFinding } from "../../entities/apns-finding.js";
import { encodeGlobalId } from "../../entities/global-id.js";
import { Target } from "../../entities/target.js";
import type { Core } from "../core.js";

/**
 * Keeps the alerts about these targets' APNs certificates: raised within 30 days of the end, raised anew when that has
 * come, cleared when there is nothing to say.
 */
export async function warnOfApns(tx: EntityManager, core: Core, targetIds: readonly string[]): Promise<void> {
  const now = core.clock.now();
  const targets = await tx.findBy(Target, { id: In([...targetIds]) });
  const judged = targets.map((target) => ({
    subject: encodeGlobalId("Target", target.id),
    finding: apnsFinding(target, now),
  }));
  const alerts = judged.flatMap(({ subject, finding }) =>
    finding ? { id: core.clock.uuid(), subject, message: [finding.message, finding.remedy].join(" ") } : [],
  );
  await tx.query(
    `INSERT INTO alert (id, kind, subject, message, raised_at)
     SELECT fresh.id, $1, fresh.subject, fresh.message, $2
     FROM unnest($3::uuid[], $4::text[], $5::text[]) AS fresh(id, subject, message)
     ON CONFLICT (kind, subject) WHERE cleared_at IS NULL
     DO UPDATE SET message = excluded.message, raised_at = excluded.raised_at WHERE alert.message <> excluded.message`,
    [
      AlertKind.APNS_EXPIRES,
      now,
      alerts.map(({ id }) => id),
      alerts.map(({ subject }) => subject),
      alerts.map(({ message }) => message),
    ],
  );
  await tx.query("UPDATE alert SET cleared_at = $3 WHERE kind = $1 AND subject = ANY($2) AND cleared_at IS NULL", [
    AlertKind.APNS_EXPIRES,
    judged.filter(({ finding }) => !finding).map(({ subject }) => subject),
    now,
  ]);
}

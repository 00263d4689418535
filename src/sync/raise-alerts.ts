import type { EntityManager } from "typeorm";
import type { AlertKind } from "../entities/alert.js";
import { decodeGlobalId } from "../entities/global-id.js";
import { rows } from "../queries/sql.js";
import type { Core } from "./core.js";

/** Raises an alert about each subject, or words the open one anew. `subject` is a global id. */
export async function raiseAlerts(
  tx: EntityManager,
  core: Core,
  kind: AlertKind,
  alerts: readonly { readonly subject: string; readonly message: string }[],
): Promise<void> {
  if (alerts.length === 0) return;
  await tx.query(
    `INSERT INTO alert (id, kind, subject, token_id, message, raised_at)
     SELECT fresh.id, $1, fresh.subject, fresh.token_id, fresh.message, $2
     FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[]) AS fresh(id, subject, token_id, message)
     ON CONFLICT (kind, subject) WHERE cleared_at IS NULL
     DO UPDATE SET message = excluded.message, raised_at = excluded.raised_at`,
    [
      kind,
      core.clock.now(),
      alerts.map(() => core.clock.uuid()),
      alerts.map((alert) => alert.subject),
      alerts.map((alert) => tokenOf(alert.subject)),
      alerts.map((alert) => alert.message),
    ],
  );
}

/** The same, but leaves alone what is open in these very words: for what is looked at again and again. */
export async function raiseNewAlerts(
  tx: EntityManager,
  core: Core,
  kind: AlertKind,
  alerts: readonly { readonly subject: string; readonly message: string }[],
): Promise<void> {
  const open = await rows<{ subject: string; message: string }>(
    tx,
    "SELECT subject, message FROM alert WHERE kind = $1 AND subject = ANY($2) AND cleared_at IS NULL",
    [kind, alerts.map(({ subject }) => subject)],
  );
  const words = new Map(open.map(({ subject, message }) => [subject, message]));
  await raiseAlerts(
    tx,
    core,
    kind,
    alerts.filter(({ subject, message }) => words.get(subject) !== message),
  );
}

/** Clears what is open about these subjects. */
export async function clearAlerts(
  tx: EntityManager,
  core: Core,
  kind: AlertKind,
  subjects: readonly string[],
): Promise<void> {
  await tx.query("UPDATE alert SET cleared_at = $3 WHERE kind = $1 AND subject = ANY($2) AND cleared_at IS NULL", [
    kind,
    subjects,
    core.clock.now(),
  ]);
}

/** The token that a subject is or belongs to; null for all else. */
function tokenOf(subject: string): string | null {
  const key = decodeGlobalId(subject);
  return key && (key.type === "Token" || key.parts.length > 1) ? key.parts[0] : null;
}

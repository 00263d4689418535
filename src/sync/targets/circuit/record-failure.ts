import type { EntityManager } from "typeorm";
import { AlertKind } from "../../../entities/alert.js";
import { encodeGlobalId } from "../../../entities/global-id.js";
import type { StoredCircuit } from "../../../entities/target-circuit.js";
import type { PluginError } from "../../../plugins/contract.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";
import { raiseAlerts } from "../../raise-alerts.js";
import { FIRST_PAUSE_MS, nextCircuit, OPENS_AFTER } from "./next-circuit.js";

/** Counts a call that has failed. @returns when the next one may be made. */
export async function recordFailure(
  tx: EntityManager,
  core: Core,
  targetId: string,
  error: PluginError,
): Promise<Date> {
  const target = await row<StoredCircuit & { readonly name: string }>(
    tx,
    `SELECT name, failures, opened_at AS "openedAt", paused_until AS "pausedUntil", last_error AS "lastError",
            last_failed_at AS "lastFailedAt" FROM target WHERE id = $1 FOR NO KEY UPDATE`,
    [targetId],
  );
  if (!target) return core.clock.in(FIRST_PAUSE_MS);
  const next = nextCircuit(target, error, core.clock);
  await tx.query(
    `UPDATE target SET failures = $2, opened_at = $3, paused_until = $4, tried_until = NULL, last_error = $5,
            last_failed_at = $6 WHERE id = $1`,
    [targetId, next.failures, next.openedAt, next.pausedUntil, next.lastError, next.lastFailedAt],
  );
  if (isNews(target, next, error)) await raise(tx, core, targetId, target.name, error);
  return next.pausedUntil ?? core.clock.in(FIRST_PAUSE_MS);
}

/** Told of once an outage, and not for a pause that the product has asked for. */
function isNews(before: StoredCircuit, after: StoredCircuit, { kind }: PluginError): boolean {
  if (before.failures < OPENS_AFTER && after.failures >= OPENS_AFTER) return true;
  return before.openedAt === null && kind === "config";
}

async function raise(tx: EntityManager, core: Core, targetId: string, name: string, error: PluginError): Promise<void> {
  const remedy =
    error.kind === "config"
      ? "Mend that, then call updateTarget or checkTarget."
      : "It is tried again by itself; checkTarget tries it at once.";
  const message = `Calls to "${name}" fail, and what is due there waits: ${error.message} ${remedy}`;
  await raiseAlerts(tx, core, AlertKind.TARGET_FAILING, [{ subject: encodeGlobalId("Target", targetId), message }]);
}

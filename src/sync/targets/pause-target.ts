import type { PluginError } from "../../plugins/contract.js";
import { row } from "../../queries/sql.js";
import type { Core } from "../core.js";

/** How long a target is left alone whose call has failed, unless it asked for longer. */
const PAUSE_MS = 30_000;

/** The same when an admin has to act first: a change of its settings, or a check, ends the pause. */
const CONFIG_PAUSE_MS = 5 * 60_000;

/** Until when a target is left alone; null when it may be called. Whatever happens meanwhile is a reason for no call. */
export async function pausedUntil(core: Core, targetId: string): Promise<Date | null> {
  const paused = await row<{ until: Date }>(
    core.dataSource,
    "SELECT paused_until AS until FROM target WHERE id = $1 AND paused_until > $2",
    [targetId, core.clock.now()],
  );
  return paused?.until ?? null;
}

/** Leaves a target alone after a call that has failed. @returns until when. */
export async function pauseTarget(core: Core, targetId: string, error: PluginError): Promise<Date> {
  const leastMs = core.clock.scaled(error.kind === "config" ? CONFIG_PAUSE_MS : PAUSE_MS);
  const pauseMs = Math.max(leastMs, error.options.retryAfterMs ?? 0);
  const until = new Date(core.clock.now().getTime() + pauseMs);
  await core.dataSource.query("UPDATE target SET paused_until = $2 WHERE id = $1", [targetId, until]);
  return until;
}

/** A call has succeeded: the next one may follow at once. */
export async function endPause(core: Core, targetId: string): Promise<void> {
  await core.dataSource.query("UPDATE target SET paused_until = NULL WHERE id = $1 AND paused_until IS NOT NULL", [
    targetId,
  ]);
}

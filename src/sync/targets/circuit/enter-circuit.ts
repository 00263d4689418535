import type { StoredCircuit } from "../../../entities/target-circuit.js";
import { PluginError } from "../../../plugins/contract.js";
import { row } from "../../../queries/sql.js";
import type { Core } from "../../core.js";

/** How much longer than its deadline a call that tries a target may take before another one does: in real time. */
const GRACE_MS = 5_000;

interface Gate extends Pick<StoredCircuit, "failures" | "pausedUntil" | "lastError"> {
  readonly name: string;
  readonly triedUntil: Date | null;
}

/**
 * Lets a call through, or not. Of all replicas' calls to a target whose pause is over, one is let through to try it: what
 * becomes of it closes the circuit or opens it for longer. Should its process be killed, another takes its place after
 * the deadline.
 * @throws PluginError `transient` with `retryAfterMs` while the target is left alone.
 */
export async function enterCircuit(core: Core, targetId: string, deadlineMs: number): Promise<void> {
  const gate = await readGate(core, targetId);
  if (!gate?.pausedUntil) return;
  const now = core.clock.now();
  if (gate.pausedUntil > now) throw leftAlone(gate, gate.pausedUntil, now);
  if (await takeTry(core, targetId, deadlineMs)) return;
  throw leftAlone(gate, gate.triedUntil ?? now, now);
}

/** Until when a target is left alone; null when a call would be let through. For whoever has much to prepare for one. */
export async function leftAloneUntil(core: Core, targetId: string): Promise<Date | null> {
  const gate = await readGate(core, targetId);
  const now = core.clock.now();
  if (gate?.pausedUntil && gate.pausedUntil > now) return gate.pausedUntil;
  return gate?.triedUntil && gate.triedUntil > now ? gate.triedUntil : null;
}

function readGate(core: Core, targetId: string): Promise<Gate | null> {
  return row<Gate>(
    core.dataSource,
    `SELECT name, failures, paused_until AS "pausedUntil", tried_until AS "triedUntil", last_error AS "lastError"
     FROM target WHERE id = $1`,
    [targetId],
  );
}

async function takeTry(core: Core, targetId: string, deadlineMs: number): Promise<boolean> {
  const now = core.clock.now();
  const taken = await row(
    core.dataSource,
    `UPDATE target SET tried_until = $3
     WHERE id = $1 AND paused_until <= $2 AND (tried_until IS NULL OR tried_until <= $2) RETURNING id`,
    [targetId, now, new Date(now.getTime() + deadlineMs + GRACE_MS)],
  );
  return taken !== null;
}

function leftAlone({ name, failures, lastError }: Gate, until: Date, now: Date): PluginError {
  const calls = failures === 1 ? "the last call" : `the last ${failures} calls`;
  return new PluginError(
    "transient",
    `"${name}" is left alone until ${until.toISOString()}, since ${calls} failed: ${lastError}`,
    { retryAfterMs: Math.max(0, until.getTime() - now.getTime()) },
  );
}

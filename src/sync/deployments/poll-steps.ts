import { PluginError } from "../../plugins/contract.js";
import { row, rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { leftAloneUntil } from "../targets/circuit/enter-circuit.js";
import { retryAt } from "../targets/plugin-failure.js";
import { applyStatuses } from "./apply-statuses.js";
import { FIRST_LOOK_MS, LAST_LOOK_MS } from "./transitions.js";
import { usableStatuses } from "./usable-answers.js";

/** How many handles one question to a target carries. */
const POLL_BATCH = 1_000;

/** How long one call to a target may take. Real time. */
const CALL_DEADLINE_MS = 60_000;

/** Asks a target what became of the steps it has accepted, and plans when to ask again. */
export async function pollSteps(core: Core, { targetId }: Jobs["poll-steps"]): Promise<void> {
  const paused = await leftAloneUntil(core, targetId);
  if (paused) return lookLater(core, targetId, paused);
  for (;;) {
    const handles = await dueHandles(core, targetId);
    if (handles.length === 0) break;
    try {
      const found = await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
        usableStatuses(core, targetId, await connection.poll(handles, signal)),
      );
      await inTransaction(core, (tx) => applyStatuses(tx, core, targetId, found));
      await planNextLook(core, targetId, handles);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      core.log.warn(
        { targetId, kind: error.kind, error: error.message },
        "A target could not be asked about its steps",
      );
      return lookLater(core, targetId, retryAt(error, core.clock));
    }
  }
  const next = await row<{ at: Date | null }>(
    core.dataSource,
    "SELECT min(next_look_at) AS at FROM installation WHERE target_id = $1 AND handle IS NOT NULL",
    [targetId],
  );
  if (next?.at) await lookLater(core, targetId, next.at);
}

async function lookLater(core: Core, targetId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "poll-steps", { targetId }, at));
}

async function dueHandles(core: Core, targetId: string): Promise<string[]> {
  const due = await rows<{ handle: string }>(
    core.dataSource,
    `SELECT DISTINCT handle FROM (
       SELECT handle FROM installation WHERE target_id = $1 AND handle IS NOT NULL AND next_look_at <= $2
       ORDER BY next_look_at LIMIT ${POLL_BATCH}) longest_waiting`,
    [targetId, core.clock.now()],
  );
  return due.map((installation) => installation.handle);
}

/**
 * Of those that the target still has at work the next look comes after as long again as the state has lasted: soon at first,
 * hourly in the end.
 */
async function planNextLook(core: Core, targetId: string, handles: readonly string[]): Promise<void> {
  await core.dataSource.query(
    `WITH due AS (
       SELECT token_id, id FROM installation
       WHERE target_id = $1 AND handle = ANY($2) AND next_look_at <= $3 ORDER BY token_id, id FOR UPDATE
     )
     UPDATE installation i
     SET next_look_at = $3::timestamptz + GREATEST($4 * interval '1 ms', LEAST($3 - i.state_at, $5 * interval '1 ms'))
     FROM due WHERE i.token_id = due.token_id AND i.id = due.id`,
    [targetId, handles, core.clock.now(), core.clock.scaled(FIRST_LOOK_MS), core.clock.scaled(LAST_LOOK_MS)],
  );
}

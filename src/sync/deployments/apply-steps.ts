import { PluginError } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { inTransaction } from "../in-transaction.js";
import { addJob, type Jobs } from "../jobs.js";
import { callTarget } from "../targets/call-target.js";
import { leftAloneUntil } from "../targets/circuit/enter-circuit.js";
import { retryAt } from "../targets/plugin-failure.js";
import { failUnreachableSteps } from "./fail-unreachable-steps.js";
import { noteStandingOrders } from "./note-standing-orders.js";
import { settleSteps } from "./settle-steps.js";
import { dueSteps, nextStepAt, stepCandidates } from "./target-steps.js";
import { usableOutcomes } from "./usable-answers.js";

/** How long one call to a target may take. Real time. */
const CALL_DEADLINE_MS = 60_000;

/**
 * Tells a target what to install, remove and verify. The step is an installation's own state, committed before (rule 1);
 * told twice, the same key gives the same outcome.
 */
export async function applySteps(core: Core, { targetId }: Jobs["apply-steps"]): Promise<void> {
  const paused = await leftAloneUntil(core, targetId);
  if (paused) return tryLater(core, targetId, paused);
  for (let after = "0"; ; ) {
    const candidates = await stepCandidates(core, targetId, after);
    const last = candidates.at(-1);
    if (last === undefined) break;
    after = last.id;
    await failUnreachableSteps(core, targetId, candidates);
    const due = await dueSteps(core, targetId, candidates);
    if (due.length === 0) continue;
    try {
      await noteStandingOrders(core, targetId, due);
      const steps = due.map(({ step }) => step);
      const outcomes = await callTarget(core, targetId, CALL_DEADLINE_MS, async (connection, signal) =>
        usableOutcomes(core, targetId, steps.length, await connection.apply(steps, signal)),
      );
      await inTransaction(core, (tx) => settleSteps(tx, core, targetId, due, outcomes));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      core.log.warn({ targetId, kind: error.kind, error: error.message }, "A target could not be told its steps");
      return tryLater(core, targetId, retryAt(error, core.clock));
    }
  }
  const at = await nextStepAt(core, targetId);
  if (at) await tryLater(core, targetId, at);
}

async function tryLater(core: Core, targetId: string, at: Date): Promise<void> {
  await core.dataSource.transaction((tx) => addJob(tx, "apply-steps", { targetId }, at));
}

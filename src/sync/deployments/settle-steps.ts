import type { EntityManager } from "typeorm";
import { InstallationWant, InstallationReason as R, InstallationState as S } from "../../entities/installation.js";
import type { StepOutcome } from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { addJob } from "../jobs.js";
import { afterRemoval } from "./after-removal.js";
import { installAgain } from "./install-again.js";
import { lockInstallations } from "./lock-installations.js";
import { type Move, moveInstallations } from "./move-installations.js";
import { seenInstalled } from "./seen-installed.js";
import type { TargetStep } from "./target-steps.js";
import { REMOVAL_STATES } from "./transitions.js";

/** How long to wait with a step on which the target has said nothing, though it had to. */
const SILENCE_MS = 60_000;

/** A step, and what its installation has become while the target was told. */
interface Told extends TargetStep {
  /** Its member, or its deployment, is gone. */
  readonly left: boolean;
}

interface Answered {
  readonly told: Told;
  readonly outcome: StepOutcome;
}

/** Writes what a target has answered to its steps, one outcome a step. */
export async function settleSteps(
  tx: EntityManager,
  core: Core,
  targetId: string,
  due: readonly TargetStep[],
  outcomes: readonly StepOutcome[],
): Promise<void> {
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  const locked = await lockInstallations(tx, due);
  const answered = due.map(
    (told): Answered => ({
      told: { ...told, ...(locked.get(told.id) ?? { licenseId: null, left: false, observedState: null }) },
      outcome: byKey.get(told.step.key) ?? silence(core, told),
    }),
  );
  await noteSeen(tx, answered);
  await defer(tx, core, answered);
  const moves = answered.flatMap(({ told, outcome }) => moveAfter(told, outcome) ?? []);
  await moveInstallations(tx, core, moves);
  const removed = answered.filter(({ told, outcome }) => outcome.outcome === "done" && isRemoval(told));
  await afterRemoval(
    tx,
    core,
    removed.map(({ told }) => told),
  );
  if (removed.length > 0) await addJob(tx, "release-orders", { targetId });
  await addJob(tx, "poll-steps", { targetId });
  for (const tokenId of new Set(moves.filter(({ to }) => to === S.REQUESTED).map((move) => move.tokenId))) {
    await addJob(tx, "license-installations", { tokenId });
  }
}

function silence(core: Core, told: TargetStep): StepOutcome {
  core.log.error({ installationId: told.id }, "A plugin gave no outcome for a step, which breaks its contract");
  return {
    key: told.step.key,
    outcome: "deferred",
    until: core.clock.in(SILENCE_MS),
    reason: "The target said nothing about this step.",
  };
}

function moveAfter(told: Told, outcome: StepOutcome): Move | null {
  const move = { tokenId: told.tokenId, id: told.id, from: told.state, generation: told.generation };
  switch (outcome.outcome) {
    case "accepted":
      return {
        ...move,
        to: told.state === S.LICENSED ? S.INSTALLING : told.state,
        handle: outcome.handle,
        verified: told.step.action === "verify",
      };
    case "done":
      if (isRemoval(told)) return null;
      // Where nothing comes of it, it was verified all the same.
      return { ...move, ...(seenInstalled(told) ?? { to: told.state, verified: true }) };
    case "failed":
      return {
        ...move,
        to: isRemoval(told) ? notRemoved(told) : S.FAILED,
        reason: R.REFUSED_BY_TARGET,
        detail: `${outcome.failure.code}: ${outcome.failure.detail}`,
        ...(outcome.failure.remedy === undefined ? {} : { remedy: outcome.failure.remedy }),
      };
    case "deferred":
      return null;
  }
}

function isRemoval({ state }: Told): boolean {
  return REMOVAL_STATES.includes(state);
}

function notRemoved(told: TargetStep): S {
  return told.want === InstallationWant.PRESENT ? installAgain(told) : S.REMOVAL_FAILED;
}

/** What the target says it has seen done, as a fact beside the state. */
async function noteSeen(tx: EntityManager, answered: readonly Answered[]): Promise<void> {
  const seen = answered.flatMap(({ told, outcome }) => {
    if (outcome.outcome !== "done") return [];
    const { tokenId, id } = told;
    return { tokenId, id, state: isRemoval(told) ? "removed" : "installed", at: outcome.observedAt };
  });
  if (seen.length === 0) return;
  await tx.query(
    `UPDATE installation SET observed_state = seen.state, observed_at = seen.at
     FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[]) AS seen(token_id, id, state, at)
     WHERE installation.token_id = seen.token_id AND installation.id = seen.id
       AND (installation.observed_at IS NULL OR installation.observed_at <= seen.at)`,
    [
      seen.map(({ tokenId }) => tokenId),
      seen.map(({ id }) => id),
      seen.map(({ state }) => state),
      seen.map(({ at }) => at),
    ],
  );
}

/** Not before a minute, whatever the target says: what is due already would be told again at once. */
async function defer(tx: EntityManager, core: Core, answered: readonly Answered[]): Promise<void> {
  const soonest = core.clock.in(SILENCE_MS);
  const deferred = answered.flatMap(({ told: { tokenId, id, state, generation }, outcome }) =>
    outcome.outcome === "deferred"
      ? {
          tokenId,
          id,
          state,
          generation,
          until: outcome.until > soonest ? outcome.until : soonest,
          reason: outcome.reason,
        }
      : [],
  );
  if (deferred.length === 0) return;
  await tx.query(
    `UPDATE installation SET detail = later.reason,
            verify_at = CASE WHEN verify_at IS NULL THEN NULL ELSE later.until END,
            next_look_at = CASE WHEN verify_at IS NULL THEN later.until ELSE next_look_at END
     FROM jsonb_to_recordset($1::jsonb) AS later("tokenId" uuid, id bigint, state text, generation int,
          until timestamptz, reason text)
     WHERE installation.token_id = later."tokenId" AND installation.id = later.id
       AND installation.state = later.state AND installation.generation = later.generation`,
    [JSON.stringify(deferred)],
  );
}

import type { EntityManager } from "typeorm";
import { type InstallationReason, InstallationState } from "../../entities/installation.js";
import { rows } from "../../queries/sql.js";
import type { Core } from "../core.js";
import { lockInstallations } from "./lock-installations.js";
import { refreshPutOff } from "./refresh-put-off.js";
import { refreshWithoutUser } from "./refresh-without-user.js";
import {
  DEADLINES_MS,
  END_STATES,
  FAILED_STATES,
  FIRST_LOOK_MS,
  HINDERED_STATES,
  LAST_LOOK_MS,
  STEP_STATES,
  TOLD_STATES,
  TRANSITIONS,
  TURN_STATES,
} from "./transitions.js";

/** One installation's step through the state machine. */
export interface Move {
  readonly tokenId: string;
  readonly id: string;
  /** As it was read: an installation that is elsewhere by now, or of another generation, does not move. */
  readonly from: InstallationState;
  readonly generation: number;
  readonly to: InstallationState;
  readonly reason?: InstallationReason;
  readonly detail?: string;
  readonly remedy?: string;
  /** The licence it uses from now on; null: none. Left out: as before. */
  readonly licenseId?: string | null;
  /** The target's note on the step it has accepted. */
  readonly handle?: string;
  /** True when the handle is that of a verification: what is known stays, until the device has answered. */
  readonly verified?: boolean;
  /** What the target has just seen on the device. */
  readonly observed?: { readonly state: string; readonly at: Date };
  /** How long it may stay, where that is not as long as the state may last. */
  readonly deadlineMs?: number;
  /** True begins a new generation. */
  readonly anew?: boolean;
}

/**
 * Moves installations, each if it is still where it was read, and gives each new state its deadline, its step and its next
 * look; one that failed without a licence or a step at the target waits for nothing, and why a licence was returned stays to
 * be read. Whole deployments are moved by statements of their own (`end-installations`, `want-again`, `refresh-members`),
 * along the same transitions.
 * @returns the ids that moved.
 */
export async function moveInstallations(tx: EntityManager, core: Core, moves: readonly Move[]): Promise<Set<string>> {
  if (moves.length === 0) return new Set();
  await lockInstallations(tx, moves);
  const moved = await rows<{ id: string }>(
    tx,
    `UPDATE installation i
     SET state = move."to", state_at = CASE WHEN i.state = move."to" THEN i.state_at ELSE $2 END,
         queued_at = CASE WHEN move.queues THEN $2 ELSE i.queued_at END,
         reason = COALESCE(move.reason, CASE WHEN move.verified OR i.state = 'RETURNING' AND move."to" = 'REMOVED' THEN i.reason END),
         detail = CASE WHEN move.verified THEN i.detail ELSE move.detail END,
         remedy = CASE WHEN move.verified THEN i.remedy ELSE move.remedy END,
         license_id = CASE WHEN move."changesLicense" THEN move."licenseId" ELSE i.license_id END,
         generation = i.generation + CASE WHEN move.anew THEN 1 ELSE 0 END,
         attempt = i.attempt + CASE WHEN move."newStep" THEN 1 ELSE 0 END,
         handle = CASE WHEN move."newStep" OR NOT move.told THEN NULL ELSE COALESCE(move.handle, i.handle) END,
         next_look_at = CASE WHEN move.stays THEN i.next_look_at ELSE move."nextLookAt" END,
         deadline_at = CASE WHEN i.state = move."to" AND NOT move."newStep" THEN i.deadline_at
                            WHEN move."to" = 'FAILED' AND i.handle IS NULL
                                 AND CASE WHEN move."changesLicense" THEN move."licenseId" ELSE i.license_id END IS NULL
                            THEN NULL
                            ELSE move."deadlineAt" END,
         verify_at = NULL, verify_pause_ms = CASE WHEN move."newStep" THEN 0 ELSE i.verify_pause_ms END,
         observed_state = COALESCE(move."observedState", i.observed_state), observed_at = COALESCE(move."observedAt", i.observed_at),
         verifications = CASE WHEN move."newStep" OR NOT move.told THEN 0 WHEN move.verified THEN i.verifications + 1
                              ELSE i.verifications END
     FROM jsonb_to_recordset($1::jsonb) AS move("tokenId" uuid, id bigint, "from" text, generation int, "to" text,
          reason text, detail text, remedy text, "licenseId" bigint, "changesLicense" boolean, handle text, anew boolean, queues boolean,
          "newStep" boolean, told boolean, stays boolean, verified boolean, "observedState" text, "observedAt" timestamptz, "nextLookAt" timestamptz, "deadlineAt" timestamptz)
     WHERE i.token_id = move."tokenId" AND i.id = move.id
       AND i.state = move."from" AND i.generation = move.generation
     RETURNING i.id`,
    [JSON.stringify(moves.map((move) => complete(core, move))), core.clock.now()],
  );
  const ids = new Set(moved.map((installation) => installation.id));
  const reached = (states: readonly InstallationState[]) =>
    moves.filter(({ id, to }) => ids.has(id) && states.includes(to));
  await refreshWithoutUser(tx, reached(END_STATES));
  await refreshPutOff(tx, reached(HINDERED_STATES));
  return ids;
}

function complete(core: Core, move: Move): Record<string, unknown> {
  if (!TRANSITIONS[move.from].includes(move.to)) {
    throw new Error(`Installation ${move.id} cannot move from ${move.from} to ${move.to}`);
  }
  const newStep = move.from !== move.to && STEP_STATES.includes(move.to);
  const deadlineMs = move.deadlineMs ?? DEADLINES_MS[move.to];
  return {
    ...move,
    anew: move.anew ?? false,
    queues: move.to === InstallationState.REQUESTED && !TURN_STATES.includes(move.from),
    verified: move.verified ?? false,
    observedState: move.observed?.state,
    observedAt: move.observed?.at,
    changesLicense: move.licenseId !== undefined,
    newStep,
    told: TOLD_STATES.includes(move.to),
    stays: move.from === move.to && !newStep && move.handle === undefined,
    nextLookAt: newStep
      ? core.clock.now()
      : core.clock.in(FAILED_STATES.includes(move.to) ? LAST_LOOK_MS : FIRST_LOOK_MS),
    deadlineAt: deadlineMs === undefined ? null : core.clock.in(deadlineMs),
  };
}

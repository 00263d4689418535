import { z } from "zod";
import {
  DEVICE_APP_STATES,
  FAILURE_CODES,
  type Failure,
  type FollowUp,
  type Statuses,
  type StepOutcome,
  type StepStatus,
} from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { readAnswer, readList } from "../targets/answers.js";
import { storableHandle, storableId, storableText, storableTime } from "../targets/storable.js";

/** No follow-up looks again sooner, or later, than that: one comes after the other without end. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 365 * 86_400_000;

/** A product's clock may go before ours by so much; what it dates still later counts as seen now. Real time. */
const MOST_AHEAD_MS = 60 * 60_000;

const failure: z.ZodType<Failure> = z
  .object({
    code: z.enum(FAILURE_CODES),
    detail: storableText,
    remedy: storableText.nullish(),
  })
  .transform(({ code, detail, remedy }) => ({ code, detail, ...(remedy == null ? {} : { remedy }) }));

const OUTCOME: z.ZodType<StepOutcome> = z.discriminatedUnion("outcome", [
  z.object({ key: storableId, outcome: z.literal("accepted"), handle: storableHandle }),
  z.object({ key: storableId, outcome: z.literal("done"), observedAt: storableTime }),
  z.object({ key: storableId, outcome: z.literal("deferred"), until: storableTime, reason: storableText }),
  z.object({ key: storableId, outcome: z.literal("failed"), failure }),
]);

const STATUS: z.ZodType<StepStatus> = z
  .object({
    handle: storableHandle,
    device: storableId,
    state: z.enum(DEVICE_APP_STATES),
    observedAt: storableTime,
    failure: failure.nullish(),
  })
  .transform(({ failure: why, ...status }) => ({ ...status, ...(why == null ? {} : { failure: why }) }));

const FOLLOW_UP: z.ZodType<FollowUp> = z.object({
  handle: storableHandle,
  device: storableId,
  afterMs: z
    .number()
    .min(0)
    .transform((afterMs) => Math.min(Math.max(afterMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)),
});

/** What one answer may hold at most. A handle may stand for a whole collection. */
const MOST_STATUSES = 500_000;
const MOST_FOLLOW_UPS = 100_000;

const STATUSES = z.object({ statuses: z.unknown(), followUps: z.unknown() });

/**
 * What a plugin has answered to steps, as it can be stored: parsed, not trusted. An outcome that is not as the contract says
 * is left out, and its step counts as not answered; the others do not suffer. A character that cannot be stored is left out
 * of what is only read.
 * @param steps how many it was given.
 * @throws PluginError `internal` for what is no answer at all, or far more than was asked for.
 */
export function usableOutcomes(core: Core, targetId: string, steps: number, answer: unknown): StepOutcome[] {
  const given = readList(answer, `outcomes of ${steps} steps`, 2 * steps);
  return usable(core, targetId, "outcome", OUTCOME, given).map((outcome) =>
    outcome.outcome === "done" ? notAhead(core, outcome) : outcome,
  );
}

/** The same for what it tells of handles: unusable ones are of no step of ours. */
export function usableStatuses(core: Core, targetId: string, answer: unknown): Statuses {
  const { statuses, followUps } = readAnswer(STATUSES, answer, "what became of the steps");
  return {
    statuses: usable(core, targetId, "status", STATUS, readList(statuses, "statuses", MOST_STATUSES)).map((status) =>
      notAhead(core, status),
    ),
    followUps: usable(core, targetId, "follow-up", FOLLOW_UP, readList(followUps, "follow-ups", MOST_FOLLOW_UPS)),
  };
}

/** What a device tells later would count for nothing beside what is dated years ahead. */
function notAhead<Seen extends { readonly observedAt: Date }>(core: Core, seen: Seen): Seen {
  const now = core.clock.now();
  return seen.observedAt.getTime() > now.getTime() + MOST_AHEAD_MS ? { ...seen, observedAt: now } : seen;
}

function usable<Answer>(
  core: Core,
  targetId: string,
  what: string,
  shape: z.ZodType<Answer>,
  answers: readonly unknown[],
): Answer[] {
  const problems: string[] = [];
  const read = answers.flatMap((answer) => {
    const parsed = shape.safeParse(answer);
    if (parsed.success) return [parsed.data];
    const [issue] = parsed.error.issues;
    problems.push(`${issue?.path.join(".") || what}: ${issue?.message}`);
    return [];
  });
  const [problem] = problems;
  if (problem !== undefined) {
    core.log.error(
      { targetId, problem, count: problems.length },
      `A plugin gave a ${what} that breaks its contract; it is left out`,
    );
  }
  return read;
}

import { z } from "zod";
import {
  type Failure,
  type FollowUp,
  MAX_HANDLE_BYTES,
  type Statuses,
  type StepOutcome,
  type StepStatus,
} from "../../plugins/contract.js";
import type { Core } from "../core.js";
import { storableId, storableText } from "../holders/storable.js";

/** Nobody means to look again later than that. */
const LONGEST_PAUSE_MS = 365 * 86_400_000;

/** The database's calendar begins later than that of JavaScript. */
const time = z.date().min(new Date(0));

const handle = storableId.refine(
  (told) => Buffer.byteLength(told) <= MAX_HANDLE_BYTES,
  `is longer than ${MAX_HANDLE_BYTES} bytes`,
);

const failure: z.ZodType<Failure> = z
  .object({
    code: z.enum([
      "DEVICE_UNKNOWN",
      "DEVICE_UNREACHABLE",
      "NOT_SUPPORTED",
      "NO_LICENSE",
      "USER_REFUSED",
      "REJECTED_BY_TARGET",
      "INSTALL_FAILED",
      "REMOVE_FAILED",
    ]),
    detail: storableText,
    remedy: storableText.nullish(),
  })
  .transform(({ code, detail, remedy }) => ({ code, detail, ...(remedy == null ? {} : { remedy }) }));

const OUTCOME: z.ZodType<StepOutcome> = z.discriminatedUnion("outcome", [
  z.object({ key: storableId, outcome: z.literal("accepted"), handle }),
  z.object({ key: storableId, outcome: z.literal("done"), observedAt: time }),
  z.object({ key: storableId, outcome: z.literal("deferred"), until: time, reason: storableText }),
  z.object({ key: storableId, outcome: z.literal("failed"), failure }),
]);

const STATUS: z.ZodType<StepStatus> = z
  .object({
    handle: storableId,
    device: storableId,
    state: z.enum(["pending", "needs-user", "installing", "installed", "removed", "failed", "unknown"]),
    observedAt: time,
    failure: failure.nullish(),
  })
  .transform(({ failure: why, ...status }) => ({ ...status, ...(why == null ? {} : { failure: why }) }));

const FOLLOW_UP: z.ZodType<FollowUp> = z.object({
  handle: storableId,
  device: storableId,
  afterMs: z
    .number()
    .min(0)
    .transform((afterMs) => Math.min(afterMs, LONGEST_PAUSE_MS)),
});

/**
 * What a plugin has answered to steps, as it can be stored: parsed, not trusted. An outcome that is not as the contract says
 * is left out, and its step counts as not answered; the others do not suffer. A character that cannot be stored is left out
 * of what is only read.
 */
export function usableOutcomes(core: Core, targetId: string, outcomes: readonly StepOutcome[]): StepOutcome[] {
  return usable(core, targetId, "outcome", OUTCOME, outcomes);
}

/** The same for what it tells of handles: unusable ones are of no step of ours. */
export function usableStatuses(core: Core, targetId: string, { statuses, followUps }: Statuses): Statuses {
  return {
    statuses: usable(core, targetId, "status", STATUS, statuses),
    followUps: usable(core, targetId, "follow-up", FOLLOW_UP, followUps),
  };
}

function usable<Answer>(
  core: Core,
  targetId: string,
  what: string,
  shape: z.ZodType<Answer>,
  answers: readonly Answer[],
): Answer[] {
  return answers.flatMap((answer) => {
    const read = shape.safeParse(answer);
    if (read.success) return [read.data];
    const [issue] = read.error.issues;
    const problem = `${issue?.path.join(".") || what}: ${issue?.message}`;
    core.log.error({ targetId, problem }, `A plugin gave a ${what} that breaks its contract; it is left out`);
    return [];
  });
}

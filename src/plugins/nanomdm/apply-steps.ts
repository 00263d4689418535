import { PluginError, type PluginTools, type Step, type StepOutcome, timeLimit } from "../contract.js";
import { handleOf } from "./command-uuid.js";
import { orderOf } from "./commands.js";
import { inParallel } from "./in-parallel.js";
import type { MdmServer } from "./mdm-server.js";
import type { ServerSettings } from "./settings.js";
import { wake } from "./wake.js";

/** As many as the injected `fetch` has connections to one host. */
const AT_ONCE = 16;

const AGAIN_MS = 60_000;

/** How long the metadata of a new app may take. */
const METADATA_MS = 600_000;

/**
 * Queues the commands of the steps, each under a CommandUUID of its own: one command for many devices would be another one as
 * soon as a step is told again in other company. A failure keeps what has been queued before it.
 * @throws PluginError when no step got an outcome.
 */
export async function applySteps(
  server: MdmServer,
  settings: ServerSettings,
  { now, log }: Pick<PluginTools, "now" | "log">,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<StepOutcome[]> {
  const isOver = timeLimit(now);
  let obstacle: PluginError | null = null;
  const told = await inParallel(steps, AT_ONCE, async (step): Promise<StepOutcome | null> => {
    if (obstacle || signal.aborted || isOver()) return null;
    try {
      return await tell(server, settings, now(), step, signal);
    } catch (error) {
      const failure = toPluginError(error);
      if (failure.kind === "rejected") return refused(step, failure);
      obstacle ??= failure;
      return null;
    }
  });
  if (obstacle && told.every((outcome) => outcome === null)) throw obstacle;
  const outcomes = told.map((outcome, index) => outcome ?? notYet(steps[index] as Step, obstacle, now()));
  // Also where the command had been queued before: the call that queued it may have been lost before it woke the device.
  const devices = steps.flatMap(({ device }, index) =>
    outcomes[index]?.outcome === "accepted" ? device.externalId : [],
  );
  await wake(server, log, devices, signal);
  return outcomes;
}

async function tell(
  server: MdmServer,
  settings: ServerSettings,
  now: Date,
  step: Step,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { key, app, device } = step;
  if (/[,/\s]/.test(device.externalId)) {
    const detail = `"${device.externalId}" is not the id of an enrolment.`;
    return { key, outcome: "failed", failure: { code: "DEVICE_UNKNOWN", detail } };
  }
  if (app.bundleId === null) {
    const until = new Date(now.getTime() + METADATA_MS);
    return {
      key,
      outcome: "deferred",
      until,
      reason: "The app's bundle id is not known yet, by which devices name it.",
    };
  }
  const order = orderOf(step, app.bundleId, settings);
  if (!order) {
    const detail = "The step to look after was not told to this server by Allotment.";
    return { key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail } };
  }
  const queued = await server.enqueue(device.externalId, order.command, signal);
  if (queued.kind === "failed") return { key, outcome: "failed", failure: queued.failure };
  if (queued.kind === "later") {
    return { key, outcome: "deferred", until: new Date(now.getTime() + AGAIN_MS), reason: queued.reason };
  }
  return { key, outcome: "accepted", handle: step.handle ?? handleOf(order.uuid, device.externalId) };
}

function notYet({ key }: Step, obstacle: PluginError | null, now: Date): StepOutcome {
  const until = new Date(now.getTime() + (obstacle?.options.retryAfterMs ?? AGAIN_MS));
  return { key, outcome: "deferred", until, reason: obstacle?.message ?? "There were too many steps for one call." };
}

/** The server's no to this very request. */
function refused({ key }: Step, { message }: PluginError): StepOutcome {
  return { key, outcome: "failed", failure: { code: "REJECTED_BY_TARGET", detail: message } };
}

function toPluginError(error: unknown): PluginError {
  return error instanceof PluginError ? error : new PluginError("internal", "The plugin failed.", { cause: error });
}

import { type Failure, PluginError, type PluginTools, type Step, type StepOutcome, timeLimit } from "../contract.js";
import type { AppAt } from "./assignments.js";
import { appFor, readAppHandle, writeHandle } from "./handle.js";
import { groupIdOf } from "./list-collections.js";
import { platformOf } from "./list-holders.js";
import { placeSingles, type Single } from "./place-singles.js";
import { type Doable, intentOf, type Reach } from "./reach.js";
import type { Assignment, ManagedDevice } from "./wire.js";

/** When to come back where Graph does not say. */
const LATER_MS = 60_000;

/**
 * Does the steps app by app. What goes wrong with one app spoils no other; where Graph is in trouble, or time runs out, the rest
 * is put off.
 */
export async function applySteps(
  reach: Reach,
  { now }: Pick<PluginTools, "now">,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<StepOutcome[]> {
  const told = steps.filter(({ action }) => action !== "verify");
  const outcomes = steps.flatMap((step): StepOutcome[] =>
    step.action === "verify" ? [{ key: step.key, outcome: "accepted", handle: step.handle ?? "" }] : [],
  );
  if (told.length === 0) return outcomes;
  const devices = await reach.devices.find(
    told.map(({ device }) => device.externalId),
    "remembered",
    signal,
  );
  const byApp = new Map<string, Doable[]>();
  for (const step of told) {
    const read = doableOf(step, devices.get(step.device.externalId));
    if ("code" in read) outcomes.push({ key: step.key, outcome: "failed", failure: read });
    else byApp.set(read.app.id, [...(byApp.get(read.app.id) ?? []), read]);
  }
  const isOver = timeLimit(now);
  const notUnderstood: PluginError[] = [];
  const waiting = [...byApp.values()];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    try {
      if (isOver()) return [...outcomes, ...[next, ...waiting].flat().map(({ step }) => putOff(step, LATE, now()))];
      outcomes.push(...(await applyToApp(reach, next, signal)));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      if (error.kind === "rejected") outcomes.push(...next.map(({ step }) => refused(step, error)));
      else if (error.kind === "internal") {
        notUnderstood.push(error);
        outcomes.push(...next.map(({ step }) => putOff(step, error, now())));
      } else if (outcomes.length === 0) throw error;
      else return [...outcomes, ...[next, ...waiting].flat().map(({ step }) => putOff(step, error, now()))];
    }
  }
  const [first] = notUnderstood;
  if (first && outcomes.every(({ outcome }) => outcome === "deferred")) throw first;
  return outcomes;
}

const LATE = new PluginError("transient", "The other steps took all the time of this call.", { retryAfterMs: 0 });

/** Why a step can never be done, or what is needed to do it. */
function doableOf(step: Step, device: ManagedDevice | undefined): Doable | Failure {
  if (!device) return { code: "DEVICE_UNKNOWN", detail: `Intune manages no Apple device "${step.device.externalId}".` };
  const handle = readAppHandle(step.app);
  if (!handle) {
    return {
      code: "REJECTED_BY_TARGET",
      detail: `Nothing at Intune is known that "${step.app.name}" would stand for.`,
    };
  }
  const platform = platformOf(device);
  const app = appFor(handle, platform);
  if (!app) {
    return {
      code: "NOT_SUPPORTED",
      detail: `Intune has no object of "${step.app.name}" for ${platform ?? "this platform"}.`,
    };
  }
  if (step.action === "remove") return { step, app, device };
  return licensingObstacle(step, device) ?? { step, app, device };
}

/** How a device was enrolled decides whose license it can use. */
function licensingObstacle({ licensing }: Step, { deviceEnrollmentType: kind, userId }: ManagedDevice): Failure | null {
  if (licensing === "device" && /^apple(AccountDriven)?UserEnrollment/.test(kind ?? "")) {
    return {
      code: "NOT_SUPPORTED",
      detail: "The device came by User Enrollment, which can only use licenses of its user.",
      remedy: "Deploy the app with user licensing.",
    };
  }
  if (licensing === "user" && userId === null) {
    return {
      code: "NOT_SUPPORTED",
      detail: "The device has no user in Intune, so it can only use a license of its own.",
      remedy: "Deploy the app with device licensing, or give the device a primary user.",
    };
  }
  return null;
}

/**
 * Whole groups first, then devices one by one: who has the app alone and now gets it by a group keeps it in between, and a removal
 * is judged by what the groups have by then.
 */
async function applyToApp(reach: Reach, doable: readonly Doable[], signal: AbortSignal): Promise<StepOutcome[]> {
  const [first] = doable;
  if (!first) return [];
  const { app } = first;
  const before = await reach.assignments.list(app, signal);
  const directoryIds = await reach.devices.directoryIds(
    doable.map(({ device }) => device),
    signal,
  );
  const refusals = await tellGroups(reach, app, doable, before, signal);
  const open = doable.filter(({ step }) => !refusals.has(step.key));
  const isMixed = new Set(doable.map(({ step }) => step.collection === null)).size > 1;
  const present = isMixed ? await reach.assignments.list(app, signal) : before;
  const singles = open.map((one): Single => ({ ...one, member: memberOf(one, directoryIds) }));
  const failures = new Map([...refusals, ...(await placeSingles(reach, app, singles, present, signal))]);
  return doable.map(({ step }): StepOutcome => {
    const failure = failures.get(step.key);
    return failure ? { key: step.key, outcome: "failed", failure } : accepted(step, app);
  });
}

/** @returns failures by the key of the step. */
async function tellGroups(
  { assignments }: Reach,
  app: AppAt,
  doable: readonly Doable[],
  present: readonly Assignment[],
  signal: AbortSignal,
): Promise<Map<string, Failure>> {
  const failures = new Map<string, Failure>();
  for (const [groupId, members] of groupsOf(doable)) {
    const [one] = members;
    if (!one) continue;
    try {
      const wanted = { groupId, intent: intentOf(one.step), licensing: one.step.licensing };
      await assignments.ensure(app, wanted, present, signal);
    } catch (error) {
      if (!(error instanceof PluginError) || error.kind !== "rejected") throw error;
      for (const { step } of members) failures.set(step.key, rejection(error));
    }
  }
  return failures;
}

/** A device that the directory does not know is reached through its user, where its license is the user's as well. */
function memberOf({ step, device }: Doable, directoryIds: ReadonlyMap<string, string>): string | null {
  return directoryIds.get(device.id) ?? (step.licensing === "user" ? device.userId : null);
}

function groupsOf(doable: readonly Doable[]): Map<string, Doable[]> {
  const groups = new Map<string, Doable[]>();
  for (const one of doable) {
    if (one.step.collection === null) continue;
    const group = groupIdOf(one.step.collection.externalId);
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return groups;
}

function accepted({ key, action, device, decidedAt }: Step, app: AppAt): StepOutcome {
  const wants = action === "remove" ? "removed" : "installed";
  return {
    key,
    outcome: "accepted",
    handle: writeHandle({ app: app.id, device: device.externalId, wants, since: decidedAt }),
  };
}

function rejection({ message }: PluginError): Failure {
  return { code: "REJECTED_BY_TARGET", detail: message };
}

function refused({ key }: Step, error: PluginError): StepOutcome {
  return { key, outcome: "failed", failure: rejection(error) };
}

function putOff({ key }: Step, { message, options }: PluginError, now: Date): StepOutcome {
  return {
    key,
    outcome: "deferred",
    until: new Date(now.getTime() + (options.retryAfterMs ?? LATER_MS)),
    reason: message,
  };
}

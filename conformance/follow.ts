import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  FollowUp,
  Step,
  StepStatus,
  TargetConnection,
  WebhookReading,
  WebhookRequest,
} from "../src/plugins/contract.js";
import type { Scene } from "./scene.js";
import { assertShape } from "./shapes.js";
import { applySteps, type End, endOf, makeStep, type Told } from "./steps.js";
import { asSaved } from "./webhook-inbox.js";

/** How often the kit looks before it takes what it sees for the end. */
const ROUNDS = 12;
const PAUSE_MS = 5;

export interface FollowOptions {
  /** What becomes of the events of a round on their way; all arrive once if left out. */
  readonly deliver?: (events: readonly WebhookRequest[], round: number) => readonly WebhookRequest[];
}

/**
 * Does with accepted Steps what the core does, without its pauses: devices check in, webhooks are read, handles polled, and
 * follow-ups applied as `verify` Steps, until each Step has come to its end or nothing moves any more.
 * @returns the last word about each Step, by its key.
 */
export async function follow(
  scene: Scene,
  connection: TargetConnection,
  told: readonly Told[],
  { deliver = (events) => events }: FollowOptions = {},
): Promise<ReadonlyMap<string, End>> {
  const ends = new Map<string, End>();
  for (const one of told) {
    const end = endOf(one);
    if (end) ends.set(one.step.key, end);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    await scene.product.checkIn();
    const open = told.filter(({ step }) => !isFinal(ends.get(step.key)));
    if (open.length === 0) break;
    const news = await newsOf(scene, connection, open, deliver(scene.inbox.take(), round));
    noteAll(ends, told, news.statuses);
    await verify(scene, connection, open, ends, news.followUps);
    await sleep(PAUSE_MS);
  }
  return ends;
}

interface News {
  readonly statuses: readonly StepStatus[];
  readonly followUps: readonly FollowUp[];
}

async function newsOf(
  scene: Scene,
  connection: TargetConnection,
  open: readonly Told[],
  events: readonly WebhookRequest[],
): Promise<News> {
  const readings: News[] = [];
  for (const event of events) readings.push(await readEvent(scene, connection, event));
  const handles = [
    ...new Set(open.flatMap(({ outcome }) => (outcome?.outcome === "accepted" ? [outcome.handle] : []))),
  ];
  if (handles.length > 0) readings.push(await pollFor(scene, connection, handles));
  return {
    statuses: readings.flatMap(({ statuses }) => statuses),
    followUps: readings.flatMap(({ followUps }) => followUps),
  };
}

/** Polls; what is said must be about what was asked. */
export async function pollFor(scene: Scene, connection: TargetConnection, handles: readonly string[]): Promise<News> {
  const found = await scene.call("poll", (signal) => connection.poll(handles, signal));
  for (const { handle } of [...found.statuses, ...found.followUps]) {
    assert.ok(handles.includes(handle), `\`poll\` speaks of a handle that it was not asked about: ${handle}`);
  }
  for (const { observedAt, state } of found.statuses) {
    assert.ok(
      observedAt.getTime() <= Date.now() + 1_000,
      `\`poll\` saw "${state}" in the future: ${observedAt.toISOString()}`,
    );
  }
  return found;
}

/** An event on its way through the core: verified as it came, read as it was saved. */
export async function readEvent(
  scene: Scene,
  connection: TargetConnection,
  event: WebhookRequest,
): Promise<WebhookReading> {
  const { webhook } = connection;
  assert.ok(webhook, "The product sent a webhook, which the plugin does not declare.");
  const authentic = await scene.attempt("webhook.verify", async () => webhook.verify(event));
  assert.deepEqual(
    authentic,
    { ok: true, value: true },
    "`webhook.verify` refuses an event that the product has sent.",
  );
  const read = await scene.attempt("webhook.read", async () => webhook.read(asSaved(event)));
  if (!read.ok) assert.fail(`\`webhook.read\` cannot read an event that the product has sent: ${read.error.message}`);
  assertShape("reading", read.value);
  return read.value;
}

/** Of two statuses the later one counts. */
function noteAll(ends: Map<string, End>, told: readonly Told[], statuses: readonly StepStatus[]): void {
  for (const { step, outcome } of told) {
    if (outcome?.outcome !== "accepted") continue;
    for (const status of statuses) {
      if (status.handle !== outcome.handle || status.device !== step.device.externalId) continue;
      const known = ends.get(step.key);
      if (!known || known.observedAt <= status.observedAt) ends.set(step.key, status);
    }
  }
}

async function verify(
  scene: Scene,
  connection: TargetConnection,
  open: readonly Told[],
  ends: Map<string, End>,
  followUps: readonly FollowUp[],
): Promise<void> {
  const steps = new Map<Step, Told>();
  for (const one of open) {
    const { step, outcome } = one;
    if (outcome?.outcome !== "accepted" || isFinal(ends.get(step.key))) continue;
    const { handle } = outcome;
    const isWished = followUps.some((wish) => wish.handle === handle && wish.device === step.device.externalId);
    if (isWished) steps.set({ ...verifying(step, handle) }, one);
  }
  if (steps.size === 0) return;
  const outcomes = await applySteps(scene, connection, [...steps.keys()]);
  for (const [step, { step: origin, outcome: before }] of steps) {
    const outcome = outcomes.get(step.key);
    const end = endOf({ step: origin, outcome });
    if (end) ends.set(origin.key, end);
    if (outcome?.outcome === "accepted" && before?.outcome === "accepted") {
      assert.equal(outcome.handle, before.handle, "A `verify` Step is accepted with the handle that it looks after.");
    }
  }
}

function verifying(step: Step, handle: string): Step {
  const device = {
    externalId: step.device.externalId,
    serial: step.device.serial,
    userExternalId: step.user?.externalId ?? null,
  };
  return makeStep(device, step.app, {
    action: "verify",
    handle,
    licensing: step.licensing,
    collection: step.collection,
  });
}

function isFinal(end: End | undefined): boolean {
  return end?.state === "installed" || end?.state === "removed" || end?.state === "failed";
}

import assert from "node:assert/strict";
import type { StepOutcome } from "../../src/plugins/contract.js";
import { type Call, callsOf, isPutOff, requestsOf } from "../calls.js";
import { type Check, overNetwork } from "../check.js";
import type { Ending, Scene } from "../scene.js";

const RETRY_AFTER_S = 37;
/** A date has whole seconds only. */
const TOLERANCE_MS = 2_500;

export const throttlingChecks: readonly Check[] = [
  {
    title: "passes on how many seconds a product that throttles wants to be left alone",
    concerns: overNetwork,
    play: (scene) => whileThrottled(scene, () => String(RETRY_AFTER_S), RETRY_AFTER_S * 1000),
  },
  {
    title: "passes on until when a product that throttles wants to be left alone",
    concerns: overNetwork,
    play: (scene) =>
      whileThrottled(scene, () => new Date(Date.now() + RETRY_AFTER_S * 1000).toUTCString(), RETRY_AFTER_S * 1000),
  },
  {
    title: "expects a product that throttles without a word to come back",
    concerns: overNetwork,
    play: (scene) => whileThrottled(scene, () => null, null),
  },
];

async function whileThrottled(scene: Scene, retryAfter: () => string | null, expectedMs: number | null): Promise<void> {
  for (const call of await callsOf(scene)) {
    const connection = await scene.connect();
    const calm = await requestsOf(scene, () => scene.call(call.shape, (signal) => call.run(connection, signal)));
    const header = retryAfter();
    scene.relay.fail({ kind: "answer", status: 429, headers: header === null ? {} : { "retry-after": header } });
    let ending: Ending<unknown> | null = null;
    const requests = await requestsOf(scene, async () => {
      ending = await scene.attempt(call.title, (signal) => call.run(connection, signal));
    });
    scene.relay.fail(null);
    if (calm > 0 && requests > 0 && ending !== null) assertThrottled(call, ending, expectedMs);
  }
}

function assertThrottled(call: Call, ending: Ending<unknown>, expectedMs: number | null): void {
  const was = ending.ok ? "no error" : `\`${ending.error.kind}\``;
  const isTold = ending.ok ? isPutOff(call, ending.value, false) : ending.error.kind === "transient";
  assert.ok(isTold, `\`${call.title}\` has to fail as \`transient\` at a 429; it was ${was}`);
  if (expectedMs === null) return;
  for (const toldMs of ending.ok ? pausesOf(ending.value) : [ending.error.options.retryAfterMs]) {
    const isClose = toldMs !== undefined && Math.abs(toldMs - expectedMs) <= TOLERANCE_MS;
    assert.ok(isClose, `\`${call.title}\` has to pass on a Retry-After of ${expectedMs} ms; it was ${toldMs}`);
  }
}

function pausesOf(value: unknown): number[] {
  return (value as readonly StepOutcome[]).flatMap((outcome) =>
    outcome.outcome === "deferred" ? outcome.until.getTime() - Date.now() : [],
  );
}

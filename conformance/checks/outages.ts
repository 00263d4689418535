import assert from "node:assert/strict";
import { type Call, callsOf, isPutOff, requestsOf } from "../calls.js";
import { type Check, overNetwork } from "../check.js";
import type { Fault } from "../relay.js";
import type { Ending, Scene } from "../scene.js";
import { assertShape } from "../shapes.js";

const PAGE = "<!doctype html><title>Sign in</title><p>Please sign in to the network.";

export const outageChecks: readonly Check[] = [
  {
    title: "expects a product that cannot be reached to come back",
    concerns: overNetwork,
    play: async (scene) => {
      const reaching = await reachingCalls(scene);
      await scene.relay.die();
      await each(scene, reaching, isPassing);
    },
  },
  {
    title: "expects a product that fails (503) to come back, and leaves it to the core to try again",
    concerns: overNetwork,
    play: async (scene) => {
      const reaching = await reachingCalls(scene);
      scene.relay.fail({ kind: "answer", status: 503, headers: { "content-type": "text/html" }, body: PAGE });
      await each(scene, reaching, isPassing, assertNothingTwice);
    },
  },
  {
    title: "ends soon after its signal when the product never answers",
    concerns: overNetwork,
    play: async (scene) => {
      const reaching = await reachingCalls(scene);
      scene.relay.fail({ kind: "hang" });
      await each(
        scene,
        reaching,
        isPassing,
        () => undefined,
        () => AbortSignal.timeout(scene.limits.hangMs),
      );
    },
  },
  {
    title: "begins nothing when its signal has fired already",
    concerns: overNetwork,
    play: async (scene) => {
      await each(
        scene,
        await reachingCalls(scene),
        isPassing,
        (_scene, call, from) => {
          const begun = scene.relay.requests.slice(from).map(({ method, path }) => `${method} ${path}`);
          assert.deepEqual(begun, [], `\`${call.title}\` was to begin nothing any more.`);
        },
        () => AbortSignal.abort(),
      );
    },
  },
  {
    title: "waits for a slow product",
    concerns: overNetwork,
    play: async (scene) => {
      const calls = await callsOf(scene);
      const connection = await scene.connect();
      scene.relay.fail({ kind: "slow", delayMs: scene.limits.slowMs });
      for (const call of calls) await scene.call(call.shape, (signal) => call.run(connection, signal));
    },
  },
  {
    title: "expects better of an answer whose connection broke",
    concerns: overNetwork,
    play: (scene) => eachFault(scene, { kind: "cut" }, isPassing),
  },
  {
    title: "takes half an answer for none, though it looks whole",
    concerns: overNetwork,
    play: (scene) => eachFault(scene, { kind: "halve" }, isNoList),
  },
  {
    title: "takes a page of somebody else's for no answer",
    concerns: overNetwork,
    play: (scene) =>
      eachFault(scene, { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: PAGE }, isNoList),
  },
  {
    title: "reaches its product through the tools that it is given, and no other way",
    concerns: overNetwork,
    play: async (scene) => {
      for (const call of await callsOf(scene)) {
        const connection = await scene.connect();
        await scene.call(call.shape, (signal) => call.run(connection, signal));
      }
      const others = scene.relay.requests
        .filter(({ isOurs }) => !isOurs)
        .map(({ method, path }) => `${method} ${path}`);
      assert.deepEqual([...new Set(others)], [], "These requests did not go through `fetch` or `openChannel`.");
    },
  },
];

type Judge = (call: Call, ending: Ending<unknown>) => void;

/** A call that reaches out on a connection that has been of use, and how to make it on a fresh one. */
interface Reaching {
  readonly call: Call;
  readonly connections: readonly (() => Promise<Parameters<Call["run"]>[0]>)[];
}

/** The calls that make requests; what a plugin knows without asking cannot go wrong on the way. */
async function reachingCalls(scene: Scene): Promise<Reaching[]> {
  const reaching: Reaching[] = [];
  for (const call of await callsOf(scene)) {
    const warm = await scene.connect();
    await scene.call(call.shape, (signal) => call.run(warm, signal));
    const again = await requestsOf(scene, () => scene.call(call.shape, (signal) => call.run(warm, signal)));
    if (again > 0) reaching.push({ call, connections: [async () => warm, () => scene.connect()] });
  }
  return reaching;
}

async function each(
  scene: Scene,
  reaching: readonly Reaching[],
  judge: Judge,
  after: (scene: Scene, call: Call, from: number) => void = () => undefined,
  signal: () => AbortSignal | undefined = () => undefined,
): Promise<void> {
  for (const { call, connections } of reaching) {
    for (const connect of connections) {
      const from = scene.relay.requests.length;
      judge(call, await scene.attempt(call.title, async (given) => call.run(await connect(), given), signal()));
      after(scene, call, from);
    }
  }
}

async function eachFault(scene: Scene, fault: Fault, judge: Judge): Promise<void> {
  const reaching = await reachingCalls(scene);
  scene.relay.fail(fault);
  await each(scene, reaching, judge);
}

/** It is over when the product is back: `transient`, or each Step is put off. */
function isPassing(call: Call, ending: Ending<unknown>): void {
  if (ending.ok && isPutOff(call, ending.value, false)) return;
  const was = ending.ok ? "no error" : `\`${ending.error.kind}\`: ${ending.error.message}`;
  assert.ok(
    !ending.ok && ending.error.kind === "transient",
    `\`${call.title}\` has to fail as \`transient\`; it was ${was}`,
  );
}

/** An error of any kind, or an answer that does not need what was lost; never a list. */
function isNoList(call: Call, ending: Ending<unknown>): void {
  if (!ending.ok) return;
  assert.ok(!call.isList, `\`${call.title}\` made a list of an answer that it cannot have understood.`);
  assertShape(call.shape, ending.value);
}

function assertNothingTwice(scene: Scene, call: Call, from: number): void {
  const made = scene.relay.requests.slice(from).map(({ method, path, body }) => `${method} ${path} ${body}`);
  const twice = made.filter((request, at) => made.indexOf(request) !== at);
  assert.deepEqual(twice, [], `\`${call.title}\` tried again by itself.`);
}

import assert from "node:assert/strict";
import type { HolderKind, StepOutcome, TargetConnection } from "../src/plugins/contract.js";
import type { Scene } from "./scene.js";
import type { ShapeName } from "./shapes.js";
import { applySteps, appOf, handleOf, makeInquiry, makeInvitation, makeStep } from "./steps.js";

/** One way to call a connection, which may be repeated. */
export interface Call {
  /** As a person reads it. */
  readonly title: string;
  readonly shape: ShapeName;
  /** An answer that was not understood must never pass for a list: whom it does not name would be gone. */
  readonly isList: boolean;
  run(connection: TargetConnection, signal: AbortSignal): Promise<unknown>;
}

/** Every call that this plugin has, ready to be made in a scene where an app has been installed on a device. */
export async function callsOf(scene: Scene): Promise<Call[]> {
  const connection = await scene.connect();
  const device = await scene.enroll();
  const app = await appOf(scene, connection);
  const step = makeStep(device, app);
  const handle = handleOf((await applySteps(scene, connection, [step])).get(step.key));
  await scene.product.checkIn();
  scene.inbox.take();
  const { applicationHandle: _, ...plainApp } = app;
  const calls: Call[] = [
    { title: "check", shape: "check", isList: false, run: (on, signal) => on.check(signal) },
    ...scene.plugin.abilities.lists.map((kind) => listing(kind)),
    {
      title: "apply (install)",
      shape: "apply",
      isList: false,
      run: (on, signal) => on.apply([makeStep(device, app)], signal),
    },
    {
      title: "apply (remove)",
      shape: "apply",
      isList: false,
      run: (on, signal) => on.apply([makeStep(device, app, { action: "remove" })], signal),
    },
    {
      title: "apply (verify)",
      shape: "apply",
      isList: false,
      run: (on, signal) => on.apply([makeStep(device, app, { action: "verify", handle })], signal),
    },
    { title: "poll", shape: "poll", isList: false, run: (on, signal) => on.poll([handle], signal) },
  ];
  if (scene.plugin.abilities.applications) {
    calls.push({
      title: "ensureApplication",
      shape: "ensureApplication",
      isList: false,
      run: async (on, signal) => on.ensureApplication?.(plainApp, signal),
    });
  }
  if (scene.plugin.abilities.invites) {
    calls.push({
      title: "invite",
      shape: "invite",
      isList: false,
      run: async (on, signal) => on.invite?.([makeInvitation(device)], signal),
    });
  }
  if (scene.plugin.abilities.inquires) {
    calls.push({
      title: "inquire",
      shape: "inquire",
      isList: false,
      run: async (on, signal) => on.inquire?.([makeInquiry(device)], signal),
    });
  }
  if (scene.plugin.abilities.releases) {
    calls.push({
      title: "release",
      shape: "release",
      isList: false,
      run: async (on, signal) => on.release?.({ app, collection: null, others: [] }, signal),
    });
  }
  if (scene.plugin.licenseAuthority === "target")
    calls.push(...(await licenseCalls(scene, connection, device.externalId)));
  return calls;
}

function listing(kind: HolderKind): Call {
  const run: Call["run"] = async (on, signal) => on.listHolders?.(kind, null, signal);
  return { title: `listHolders (${kind})`, shape: kind, isList: true, run };
}

async function licenseCalls(scene: Scene, connection: TargetConnection, device: string): Promise<Call[]> {
  const tokens = await scene.call("tokens", async (signal) => connection.licenses?.tokens(signal) ?? []);
  const [token] = tokens;
  assert.ok(token, "The product lists no token, but has authority `target`.");
  const id = token.externalId;
  const { adamId } = await appOf(scene, connection);
  const holder = { kind: "device", externalId: device } as const;
  return [
    { title: "licenses.tokens", shape: "tokens", isList: true, run: async (on, signal) => on.licenses?.tokens(signal) },
    { title: "licenses.sync", shape: "sync", isList: false, run: async (on, signal) => on.licenses?.sync(id, signal) },
    {
      title: "licenses.apps",
      shape: "apps",
      isList: true,
      run: async (on, signal) => on.licenses?.apps(id, null, signal),
    },
    {
      title: "licenses.holders",
      shape: "holders",
      isList: true,
      run: async (on, signal) => on.licenses?.holders(id, adamId, null, signal),
    },
    {
      title: "licenses.revoke",
      shape: "revoke",
      isList: false,
      run: async (on, signal) => on.licenses?.revoke(id, adamId, [holder], signal),
    },
  ];
}

/** How many requests a call makes. */
export async function requestsOf(scene: Scene, call: () => Promise<unknown>): Promise<number> {
  const before = scene.relay.requests.length;
  await call();
  return scene.relay.requests.length - before;
}

/** Whether every Step was put off or, where that is allowed, has failed: both say truly that nothing was done. */
export function isPutOff(call: Call, value: unknown, alsoFailed: boolean): boolean {
  if (call.shape !== "apply") return false;
  const outcomes = value as readonly StepOutcome[];
  return outcomes.every(({ outcome }) => outcome === "deferred" || (alsoFailed && outcome === "failed"));
}

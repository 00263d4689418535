import { setTimeout as sleep } from "node:timers/promises";
import {
  type CheckResult,
  definePlugin,
  PluginError,
  type PluginTools,
  type Statuses,
  type Step,
  type StepOutcome,
  type StepStatus,
  type TargetConnection,
} from "../contract.js";
import { type MockOrder, MockProduct } from "./product.js";
import { hasMockDevice, mockHolders } from "./records.js";
import { momentAt, prepareScenes } from "./scenes.js";
import { type MockSettings, mockSettings } from "./settings.js";

/** The products of this process: as with a real one, a second connection meets the first one's deeds. */
const products = new Map<string, MockProduct>();

/**
 * An MDM that talks to nothing, for demos, tests and benchmarks. Its product is a part of it (product.ts), which is why it
 * alone may wait and write a file.
 */
export const mock = definePlugin({
  name: "mock",
  contract: 1,
  displayName: "Mock MDM",
  settings: mockSettings,
  licenseAuthority: "service",
  abilities: {
    lists: ["user", "device", "collection"],
    applications: false,
    polls: true,
    webhooks: [],
    network: false,
  },
  connect: (settings, tools) => connectMock(settings, tools),
});

function connectMock(settings: MockSettings, tools: PluginTools): TargetConnection {
  const product = productOf(settings);
  const sceneOf = prepareScenes(settings);
  const answer = async <T>(signal: AbortSignal, work: () => T): Promise<T> => {
    if (settings.latencyMs > 0) await sleep(settings.latencyMs, undefined, { signal }).catch(throwTimeout);
    if (tools.random() < settings.failureRate) {
      throw new PluginError("transient", "The mock product fails now and then, as it was told to.");
    }
    return work();
  };
  return {
    check: (signal) => answer(signal, () => checkApns(settings, tools.now())),
    listHolders: (kind, cursor, signal) => answer(signal, () => mockHolders(settings, kind, cursor)),
    apply: (steps, signal) => answer(signal, () => applySteps(settings, product, sceneOf, tools.now(), steps)),
    poll: (handles, signal) =>
      answer(signal, (): Statuses => {
        product.readFile();
        const now = tools.now();
        return { statuses: handles.flatMap((handle) => statusOf(product, sceneOf, now, handle) ?? []), followUps: [] };
      }),
  };
}

type SceneOf = ReturnType<typeof prepareScenes>;

function throwTimeout(cause: unknown): never {
  throw new PluginError("transient", "The mock product did not answer in time.", { cause });
}

function productOf(settings: MockSettings): MockProduct {
  const file = settings.file ?? null;
  const key = JSON.stringify([settings.world, settings.seed, file]);
  const product = products.get(key) ?? new MockProduct(file);
  products.set(key, product);
  return product;
}

function checkApns({ apns, apnsExpiresAt }: MockSettings, now: Date): CheckResult {
  const expiresAt = apnsExpiresAt === undefined ? null : new Date(apnsExpiresAt);
  const state = apns === "valid" && expiresAt !== null && expiresAt <= now ? "expired" : apns;
  if (state === "valid") return { ok: true, apns: { state, expiresAt }, findings: [] };
  const message = state === "missing" ? "There is no APNs certificate." : "The APNs certificate has expired.";
  return {
    ok: false,
    apns: { state, expiresAt: state === "missing" ? null : expiresAt },
    findings: [
      {
        severity: "error",
        code: `APNS_${state.toUpperCase()}`,
        message,
        remedy: "Upload one at the MDM and check again.",
      },
    ],
  };
}

/** The product takes all orders first, so that one that was put off is known when it comes again. */
function applySteps(
  settings: MockSettings,
  product: MockProduct,
  sceneOf: SceneOf,
  now: Date,
  steps: readonly Step[],
): StepOutcome[] {
  product.readFile();
  const orders = steps.flatMap((step): MockOrder[] => {
    const { key, action, app, device } = step;
    if (action === "verify" || !hasMockDevice(settings, device.externalId)) return [];
    const order: MockOrder = { key, action, adamId: app.adamId, device: device.externalId, at: now.getTime() };
    const { answer } = sceneOf(order, product.countOf(order));
    return [typeof answer === "string" ? order : { ...order, isRefused: true }];
  });
  product.take(orders);
  return steps.map((step) => outcomeOf(product, sceneOf, now, step));
}

function outcomeOf(
  product: MockProduct,
  sceneOf: SceneOf,
  now: Date,
  { key, action, handle, device }: Step,
): StepOutcome {
  if (action === "verify") return { key, outcome: "accepted", handle: handle ?? key };
  const view = product.find(key);
  if (!view) {
    const detail = `The mock product has no device "${device.externalId}".`;
    return { key, outcome: "failed", failure: { code: "DEVICE_UNKNOWN", detail } };
  }
  const { answer, deferredMs } = sceneOf(view.order, view.ordinal);
  const until = new Date(view.order.at + deferredMs);
  if (typeof answer !== "string") return { key, outcome: "failed", failure: answer };
  if (answer === "done") return { key, outcome: "done", observedAt: new Date(view.order.at) };
  if (until > now)
    return { key, outcome: "deferred", until, reason: "The mock product is busy, as it was told to be." };
  return { key, outcome: "accepted", handle: key };
}

/** Null for a handle the product has never heard of, or tells nothing of. */
function statusOf(product: MockProduct, sceneOf: SceneOf, now: Date, handle: string): StepStatus | null {
  const view = product.find(handle);
  if (!view) return null;
  const { order, isReplaced, ordinal } = view;
  const status = { handle, device: order.device };
  if (isReplaced) return { ...status, state: "unknown", observedAt: now };
  const { moments, deferredMs } = sceneOf(order, ordinal);
  const begunAt = order.at + deferredMs;
  const moment = momentAt(moments, now.getTime() - begunAt);
  if (!moment) return null;
  const { state, seenAfterMs, failure } = moment;
  const observedAt = seenAfterMs === null ? now : new Date(begunAt + seenAfterMs);
  return { ...status, state, observedAt, ...(failure === undefined ? {} : { failure }) };
}

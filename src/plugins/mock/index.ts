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
  const refusing = new Set(settings.fail);
  const answer = async <T>(signal: AbortSignal, work: () => T): Promise<T> => {
    if (settings.latencyMs > 0) await sleep(settings.latencyMs, undefined, { signal }).catch(throwTimeout);
    if (tools.random() < settings.failureRate) {
      throw new PluginError("transient", "The mock product fails now and then, as it was told to.");
    }
    return work();
  };
  return {
    check: (signal) => answer(signal, () => checkApns(settings)),
    listHolders: (kind, cursor, signal) => answer(signal, () => mockHolders(settings, kind, cursor)),
    apply: (steps, signal) => answer(signal, () => applySteps(settings, product, tools.now(), steps)),
    poll: (handles, signal) =>
      answer(signal, (): Statuses => {
        product.readFile();
        const now = tools.now();
        const statuses = handles.flatMap((handle) => statusOf(settings, product, refusing, now, handle) ?? []);
        return { statuses, followUps: [] };
      }),
  };
}

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

function checkApns({ apns }: MockSettings): CheckResult {
  if (apns === "valid") return { ok: true, apns: { state: apns, expiresAt: null }, findings: [] };
  const message = apns === "missing" ? "There is no APNs certificate." : "The APNs certificate has expired.";
  return {
    ok: false,
    apns: { state: apns, expiresAt: null },
    findings: [
      {
        severity: "error",
        code: `APNS_${apns.toUpperCase()}`,
        message,
        remedy: "Upload one at the MDM and check again.",
      },
    ],
  };
}

function applySteps(settings: MockSettings, product: MockProduct, now: Date, steps: readonly Step[]): StepOutcome[] {
  product.readFile();
  const orders: MockOrder[] = [];
  const outcomes = steps.map((step): StepOutcome => {
    const { key, action, app, device } = step;
    if (action === "verify") return { key, outcome: "accepted", handle: step.handle ?? key };
    if (!hasMockDevice(settings, device.externalId)) {
      return {
        key,
        outcome: "failed",
        failure: { code: "DEVICE_UNKNOWN", detail: `The mock product has no device "${device.externalId}".` },
      };
    }
    orders.push({ key, action, adamId: app.adamId, device: device.externalId, at: now.getTime() });
    return { key, outcome: "accepted", handle: key };
  });
  product.take(orders);
  return outcomes;
}

/** Null for a handle the product has never heard of. */
function statusOf(
  settings: MockSettings,
  product: MockProduct,
  refusing: ReadonlySet<string>,
  now: Date,
  handle: string,
): StepStatus | null {
  const view = product.find(handle);
  if (!view) return null;
  const { order } = view;
  const dueAt = new Date(order.at + settings.installMs);
  const status = { handle, device: order.device };
  if (view.isReplaced) return { ...status, state: "unknown", observedAt: now };
  if (now < dueAt) return { ...status, state: "installing", observedAt: now };
  if (order.action === "remove") return { ...status, state: "removed", observedAt: dueAt };
  if (!refusing.has(order.device)) return { ...status, state: "installed", observedAt: dueAt };
  return {
    ...status,
    state: "failed",
    observedAt: dueAt,
    failure: {
      code: "INSTALL_FAILED",
      detail: `Device "${order.device}" refused the app, as it was told to.`,
      remedy: "Take the device out of the mock's `fail` setting and retry.",
    },
  };
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import {
  definePlugin,
  type FollowUp,
  PluginError,
  type PluginTools,
  type Step,
  type StepOutcome,
  secret,
  type TargetConnection,
  type WebhookReading,
} from "../../../src/plugins/contract.js";
import { askProduct } from "./ask-product.js";

interface ProductEvent {
  topic: "enrolled" | "checked-out" | "acknowledged" | "refused";
  at: string;
  device: { id: string; serial: string; user: string | null };
  command?: string;
  /** Of an acknowledged list only. */
  apps?: string[];
}

/** How long a device may take before it is worth asking again. */
const LOOK_AGAIN_MS = 1000;
const COMMANDS = {
  install: "InstallApplication",
  remove: "RemoveApplication",
  verify: "ManagedApplicationList",
} as const;

/** The other extreme: one command a device, no listing, and what became of it comes by webhook only. */
export const commandSender = definePlugin({
  name: "command-sender",
  contract: 1,
  displayName: "Command sender",
  settings: z.object({ url: z.url(), apiKey: secret(), webhookSecret: secret() }),
  licenseAuthority: "service",
  abilities: { lists: [], applications: false, polls: false, webhooks: ["holders", "statuses"], network: true },
  needsPublicUrl: true,
  connect: (settings, tools) => connect(settings, tools),
});

function connect(
  { url, apiKey, webhookSecret }: { url: string; apiKey: string; webhookSecret: string },
  { fetch, now }: PluginTools,
): TargetConnection {
  const call = async (path: string, signal: AbortSignal, body?: unknown): Promise<number> => {
    const method = body === undefined ? "GET" : "POST";
    return (await askProduct(fetch, `${url}/${path}`, apiKey, { signal, method, body })).status;
  };
  const send = async (step: Step, signal: AbortSignal): Promise<StepOutcome> => {
    const { key, action, app, device } = step;
    const handle = step.handle ?? handleOf(step);
    const id = action === "verify" ? `${handle}?${key}` : handle;
    const status = await call(`devices/${device.externalId}`, signal, {
      id,
      type: COMMANDS[action],
      adamId: app.adamId,
    });
    // 409: the command of this id has been sent, which is what was wanted.
    if (status < 300 || status === 409) return { key, outcome: "accepted", handle };
    const code = status === 404 ? "DEVICE_UNKNOWN" : "REJECTED_BY_TARGET";
    return { key, outcome: "failed", failure: { code, detail: `The product answered ${status}.` } };
  };
  return {
    async check(signal) {
      await call("status", signal);
      return { ok: true, apns: { state: "not-reported", expiresAt: null }, findings: [] };
    },
    apply: async (steps, signal) =>
      outcomesOf(steps, await Promise.allSettled(steps.map((step) => send(step, signal))), now()),
    // Nothing can be asked for; what a lost event would have told, only the device can tell again.
    poll: async (handles) => ({ statuses: [], followUps: handles.flatMap(lookAgain) }),
    webhook: {
      verify({ headers, body }) {
        const ours = createHmac("sha256", webhookSecret).update(body).digest();
        const theirs = Buffer.from(headers["x-hmac-signature"] ?? "", "base64");
        return theirs.length === ours.length && timingSafeEqual(theirs, ours);
      },
      read: ({ body }) => readEvent(parseEvent(body)),
    },
  };
}

/** What failed for the moment is put off, unless nothing is known of any step. */
function outcomesOf(
  steps: readonly Step[],
  sent: readonly PromiseSettledResult<StepOutcome>[],
  now: Date,
): StepOutcome[] {
  const failures = sent.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const isPassing = failures.every((error) => error instanceof PluginError && error.kind === "transient");
  if (failures.length === sent.length || !isPassing) throw failures[0];
  return sent.map((one, index) => {
    if (one.status === "fulfilled") return one.value;
    const { message, options } = one.reason as PluginError;
    const until = new Date(now.getTime() + (options.retryAfterMs ?? 0));
    return { key: steps[index]?.key ?? "", outcome: "deferred", until, reason: message };
  });
}

/** The handle is the command's id, and tells by itself what was wanted of whom: the plugin remembers nothing. */
function handleOf({ action, app, device, key }: Step): string {
  return `${action}/${app.adamId}/${encodeURIComponent(device.externalId)}/${key}`;
}

function lookAgain(handle: string): FollowUp[] {
  const [, , device, key] = handle.split("/");
  if (!device || !key) return [];
  return [{ handle, device: decodeURIComponent(device), afterMs: LOOK_AGAIN_MS }];
}

function parseEvent(body: Uint8Array): ProductEvent {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8")) as ProductEvent;
  } catch {
    throw new PluginError("internal", "The product sent an event that is not JSON.");
  }
}

function readEvent(event: ProductEvent): WebhookReading {
  const nothing = { users: [], devices: [], statuses: [], followUps: [] };
  if (event.topic === "enrolled" || event.topic === "checked-out") return { ...nothing, ...readHolders(event) };
  const [handle = "", verification] = (event.command ?? "").split("?");
  const [action = "", adamId = ""] = handle.split("/");
  const status = { handle, device: event.device.id, observedAt: new Date(event.at) };
  if (event.topic === "refused") {
    const failure = { code: "INSTALL_FAILED", detail: "The device refused the app." } as const;
    return { ...nothing, statuses: [{ ...status, state: "failed", failure }] };
  }
  const followUp = { handle, device: event.device.id, afterMs: LOOK_AGAIN_MS };
  const isThere = event.apps?.includes(adamId) ?? false;
  const isDone = verification !== undefined && isThere === (action === "install");
  if (!isDone) return { ...nothing, statuses: [{ ...status, state: "installing" }], followUps: [followUp] };
  return { ...nothing, statuses: [{ ...status, state: action === "install" ? "installed" : "removed" }] };
}

function readHolders({ topic, at, device }: ProductEvent): Pick<WebhookReading, "users" | "devices"> {
  const user = device.user;
  return {
    users:
      user === null
        ? []
        : [{ externalId: user, principalName: user, displayName: null, email: user, managedAppleId: user }],
    devices: [
      {
        externalId: device.id,
        serial: device.serial,
        udid: device.id,
        name: null,
        platform: "iOS",
        userExternalId: user,
        state: topic === "enrolled" ? "enrolled" : "retired",
        lastSeenAt: new Date(at),
      },
    ],
  };
}

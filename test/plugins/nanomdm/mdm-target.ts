import { onTestFinished } from "vitest";
import {
  type NanoMdmSimulator,
  type NanoMdmSimulatorOptions,
  startNanoMdmSimulator,
} from "../../../simulators/nanomdm/start-nanomdm-simulator.js";
import type { PostedEvent } from "../../../simulators/nanomdm/webhook.js";
import type {
  Step,
  StepOutcome,
  TargetConnection,
  WebhookReading,
  WebhookRequest,
} from "../../../src/plugins/contract.js";
import { micromdm, nanomdm } from "../../../src/plugins/nanomdm/index.js";
import { CALM, connectPlugin, stepFor } from "../../support/plugins/connect-plugin.js";

export const ADAM_ID = "6440000001";
export const BUNDLE_ID = `com.example.app${ADAM_ID}`;

export interface MdmTarget {
  readonly simulator: NanoMdmSimulator;
  readonly connection: TargetConnection;
  /** The id of the device with that place, counted from 0. */
  id(index: number): string;
  /** A step for the test's app on that device, of a key of its own. */
  step(index: number, fields?: Partial<Step>): Step;
  /** Tells one step, and waits until devices have come to rest. */
  apply(step: Step): Promise<StepOutcome | undefined>;
  /** What the events since the last call tell, oldest first; Idle ones are left out. */
  readings(): Promise<WebhookReading[]>;
  control(path: string, input?: object): Promise<Record<string, unknown>>;
  /** The requests to the API since the start, as `METHOD path`. */
  requests(part?: string): string[];
}

/** A simulator whose devices answer at once, and a connection to it; both go when the test ends. */
export async function startMdmTarget(
  options: NanoMdmSimulatorOptions = {},
  settings: Record<string, unknown> = {},
  tools: Parameters<typeof connectPlugin>[2] = {},
): Promise<MdmTarget> {
  const switches = { replyDelayMs: 0, installMs: 0, removeMs: 0, ...options.switches };
  const simulator = await startNanoMdmSimulator({ ...options, switches });
  onTestFinished(() => simulator.stop());
  const { world, url, apiKey, webhookSecret } = simulator;
  const plugin = world.flavour === "nanomdm" ? nanomdm : micromdm;
  const connection = await connectPlugin(plugin, { url, apiKey, webhookSecret, ...settings }, tools);
  const app = { ...stepFor("").app, adamId: ADAM_ID, bundleId: BUNDLE_ID };
  let seen = world.webhook.events.length;
  return {
    simulator,
    connection,
    id: (index) => world.devices[index]?.id ?? "none",
    step(index, fields = {}) {
      const device = world.devices[index];
      const isUserEnrollment = device?.kind === "UserEnrollment";
      return stepFor("", {
        app,
        device: {
          externalId: device?.id ?? "none",
          serial: isUserEnrollment ? null : (device?.serialNumber ?? null),
          udid: isUserEnrollment ? null : (device?.udid ?? null),
          platform: device?.kind === "Mac" ? "macOS" : "iOS",
        },
        ...fields,
      });
    },
    async apply(step) {
      const [outcome] = await connection.apply([step], CALM);
      await world.activity.whenIdle();
      return outcome;
    },
    async readings() {
      await world.activity.whenIdle();
      const events = world.webhook.events.slice(seen).filter(({ body }) => !body.includes('"status":"Idle"'));
      seen = world.webhook.events.length;
      return events.map((event) => readEvent(connection, event));
    },
    async control(path, input = {}) {
      const answer = await fetch(`${simulator.controlUrl}${path}`, { method: "POST", body: JSON.stringify(input) });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
      return (await answer.json()) as Record<string, unknown>;
    },
    requests: (part = "") =>
      world.requests.entries.map(({ method, path }) => `${method} ${path}`).filter((request) => request.includes(part)),
  };
}

/** An event as the core hands it over. */
export function requestOf(event: PostedEvent): WebhookRequest {
  return { headers: event.headers, body: new Uint8Array(event.body), receivedAt: new Date() };
}

/** What one event tells. */
export function readEvent(connection: TargetConnection, event: PostedEvent): WebhookReading {
  const reading = connection.webhook?.read(requestOf(event));
  if (!reading) throw new Error("The plugin has no webhook");
  return reading;
}

import { Agent, fetch } from "undici";
import {
  type AdminServiceSimulator,
  type AdminServiceSimulatorOptions,
  startAdminServiceSimulator,
} from "../../../simulators/adminservice/start-adminservice-simulator.js";

export interface Told {
  readonly status: number;
  /** The JSON; the text where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any;
}

/** A simulator and somebody who calls it through the gateway, where each request brings its own proof. */
export interface Caller {
  readonly simulator: AdminServiceSimulator;
  /** @param path below `AdminService/`, such as `wmi/SMS_Collection`. */
  ask(method: string, path: string, body?: unknown): Promise<Told>;
  get(path: string): Promise<Told>;
  post(path: string, body: unknown): Promise<Told>;
  /** A call of the control plane. */
  control(path: string, body?: unknown): Promise<Told>;
  /** All that waits happens now. */
  settle(): void;
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const STILL = { evaluationDelayMs: HOUR_MS, policyDelayMs: HOUR_MS, installMs: HOUR_MS, summaryDelayMs: HOUR_MS };

export async function startCaller(options: AdminServiceSimulatorOptions = {}): Promise<Caller> {
  const simulator = await startAdminServiceSimulator({ ...options, switches: { ...STILL, ...options.switches } });
  const dispatcher = new Agent({ connect: { ca: simulator.certificate().authority } });
  const send = async (url: string, init: Parameters<typeof fetch>[1]): Promise<Told> => {
    const answer = await fetch(url, { dispatcher, ...init });
    const text = await answer.text();
    return { status: answer.status, body: read(text) };
  };
  const { token } = simulator.site.tokens.give();
  const ask: Caller["ask"] = (method, path, body) =>
    send(`${simulator.gatewayUrl}/AdminService/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    simulator,
    ask,
    get: (path) => ask("GET", path),
    post: (path, body) => ask("POST", path, body),
    control: (path, body) =>
      send(`${simulator.controlUrl}${path}`, { method: "POST", body: JSON.stringify(body ?? {}) }),
    settle: () => void simulator.site.timeline.settle(),
    stop: async () => {
      await dispatcher.close();
      await simulator.stop();
    },
  };
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

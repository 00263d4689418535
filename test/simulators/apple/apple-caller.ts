import { onTestFinished } from "vitest";
import {
  type AppleSimulator,
  type AppleSimulatorOptions,
  startAppleSimulator,
} from "../../../simulators/apple/start-apple-simulator.js";

/** The fields of an answer that any test here reads. */
export interface AppleBody {
  [field: string]: unknown;
  errorNumber?: number;
  eventId?: string;
  eventStatus?: string;
  numRequested?: number;
  numCompleted?: number;
  failures?: { errorNumber: number; errorInfo?: Record<string, unknown> }[];
  assets?: Record<string, unknown>[];
  unlimitedAssets?: Record<string, unknown>[];
  assignments?: Record<string, unknown>[];
  users?: Record<string, unknown>[];
  versionId?: string;
  totalPages?: number;
  nextPageIndex?: number;
  size?: number;
}

export interface AppleAnswer {
  status: number;
  body: AppleBody;
  headers: Headers;
}

export interface AppleCaller {
  simulator: AppleSimulator;
  get(path: string, token?: string): Promise<AppleAnswer>;
  post(path: string, body: object, token?: string): Promise<AppleAnswer>;
  control(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  state(): Promise<Record<string, unknown>>;
  /** Posts, then asks for the status until the event has ended. */
  finish(path: string, body: object): Promise<AppleBody>;
}

/** A simulator whose events end at once, and a client of it; both go when the test ends. */
export async function startCaller(options: AppleSimulatorOptions = {}): Promise<AppleCaller> {
  const switches = { eventDelayMs: 0, ...options.switches };
  const simulator = await startAppleSimulator({ apps: 3, licenses: 300, ...options, switches });
  onTestFinished(() => simulator.stop());

  const get: AppleCaller["get"] = (path, token = simulator.tokenFile) =>
    send(`${simulator.baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const post: AppleCaller["post"] = (path, body, token = simulator.tokenFile) =>
    send(`${simulator.baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  return {
    simulator,
    get,
    post,
    control: (path, body = {}) =>
      send(`${simulator.controlUrl}${path}`, { method: "POST", body: JSON.stringify(body) }),
    state: async () => (await send(`${simulator.controlUrl}/state`, {})).body,
    finish: async (path, body) => {
      const { eventId } = (await post(path, body)).body;
      for (;;) {
        const status = (await get(`/status?eventId=${eventId}`)).body;
        if (status.eventStatus !== "PENDING") return status;
      }
    },
  };
}

export async function send(url: string, request: RequestInit): Promise<AppleAnswer> {
  const response = await fetch(url, request);
  return { status: response.status, body: (await response.json()) as AppleBody, headers: response.headers };
}

/** Serial numbers `prefix-1` to `prefix-count`. */
export function serials(count: number, prefix = "SERIAL"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

/** The adamId of the location's asset with that place. */
export function adamIdOf({ simulator }: AppleCaller, index: number): string {
  const asset = simulator.world.locations[0]?.assets.rows[index];
  if (asset === undefined) throw new Error(`The location has no asset ${index}.`);
  return asset.item.adamId;
}

import { afterEach } from "vitest";
import {
  type GraphSimulator,
  type GraphSimulatorOptions,
  startGraphSimulator,
} from "../../../simulators/graph/start-graph-simulator.js";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the simulator says
  readonly body: any;
}

/** A simulator and a client that is signed in. */
export interface Caller {
  readonly simulator: GraphSimulator;
  readonly world: GraphSimulator["world"];
  /** @param place with its version, or a link. */
  send(method: string, place: string, body?: unknown, headers?: Record<string, string>): Promise<Sent>;
  get(place: string, headers?: Record<string, string>): Promise<Sent>;
  control(call: string, input?: object): Promise<Sent>;
  signIn(fields?: Record<string, string>, tenant?: string): Promise<Sent>;
}

export async function startCaller(options: GraphSimulatorOptions = {}): Promise<Caller> {
  const simulator = await startGraphSimulator({ ...options, switches: { checkIns: "byControl", ...options.switches } });
  stops.push(simulator.stop);
  const { url, controlUrl, tenantId, clientId, clientSecret, world } = simulator;
  const signIn: Caller["signIn"] = async (fields = {}, tenant = tenantId) => {
    const form = { client_id: clientId, client_secret: clientSecret, grant_type: "client_credentials" };
    const body = new URLSearchParams({ ...form, scope: `${url}/.default`, ...fields });
    return read(await fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: "POST", body }));
  };
  const token = (await signIn()).body.access_token as string;
  const send: Caller["send"] = async (method, place, body, headers = {}) => {
    const address = place.startsWith("http") ? place : `${url}${place}`;
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return read(await fetch(address, { method, headers: { ...type, ...headers }, ...given }));
  };
  return {
    simulator,
    world,
    send,
    signIn,
    get: (place, headers) => send("GET", place, undefined, headers),
    control: async (call, input = {}) =>
      read(await fetch(`${controlUrl}${call}`, { method: "POST", body: JSON.stringify(input) })),
  };
}

async function read(answer: Response): Promise<Sent> {
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const APPS = "/beta/deviceAppManagement/mobileApps";

export function appId({ world }: Caller, name = "App 1"): string {
  return [...world.apps.values()].find(({ displayName }) => displayName === name)?.id ?? "";
}

export function groupId({ world }: Caller, name: string): string {
  return [...world.groups.values()].find(({ displayName }) => displayName === name)?.id ?? "";
}

/** Assigns App 1 to a group. */
export function assign(
  caller: Caller,
  group: string,
  intent = "required",
  device = true,
  app = "App 1",
): Promise<Sent> {
  return caller.send("POST", `${APPS}/${appId(caller, app)}/assignments`, {
    "@odata.type": "#microsoft.graph.mobileAppAssignment",
    intent,
    target: { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: groupId(caller, group) },
    settings: { "@odata.type": "#microsoft.graph.iosVppAppAssignmentSettings", useDeviceLicensing: device },
  });
}

/** The report's rows of App 1, by the names of the columns. */
export async function report(caller: Caller, fields: object = {}): Promise<Record<string, unknown>[]> {
  const place = "/v1.0/deviceManagement/reports/retrieveDeviceAppInstallationStatusReport";
  const filter = `(ApplicationId eq '${appId(caller)}')`;
  const { body } = await caller.send("POST", place, { filter, top: 50, skip: 0, ...fields });
  const columns = body.Schema.map(({ Column }: { Column: string }) => Column);
  return body.Values.map((values: unknown[]) =>
    Object.fromEntries(columns.map((column: string, index: number) => [column, values[index]])),
  );
}

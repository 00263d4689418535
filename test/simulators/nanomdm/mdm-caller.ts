import { onTestFinished } from "vitest";
import { type Dictionary, readPlist, writePlist } from "../../../simulators/nanomdm/property-list.js";
import {
  type NanoMdmSimulator,
  type NanoMdmSimulatorOptions,
  startNanoMdmSimulator,
} from "../../../simulators/nanomdm/start-nanomdm-simulator.js";

export interface MdmAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One webhook event as it was posted, its payload read. */
export interface EventSeen {
  readonly topic: string;
  readonly event: Record<string, unknown>;
  readonly payload: Dictionary;
}

export interface MdmCaller {
  readonly simulator: NanoMdmSimulator;
  /** The id of the device with that place, counted from 0. */
  id(index: number): string;
  /** A request to the server's API, with its key. */
  call(method: string, path: string, body?: string): Promise<MdmAnswer>;
  control(path: string, input?: object): Promise<MdmAnswer>;
  /** Queues a command in the way of the flavour, and waits until devices and events have come to rest. */
  command(ids: string, uuid: string, command: Dictionary): Promise<MdmAnswer>;
  events(topic?: string): EventSeen[];
  /** The answers to the command of that CommandUUID, oldest first. */
  answers(uuid: string): Dictionary[];
}

/** A simulator that answers at once, and a client of it; both go when the test ends. */
export async function startMdmCaller(options: NanoMdmSimulatorOptions = {}): Promise<MdmCaller> {
  const switches = { replyDelayMs: 0, installMs: 0, removeMs: 0, ...options.switches };
  const simulator = await startNanoMdmSimulator({ ...options, switches });
  onTestFinished(() => simulator.stop());
  const { world } = simulator;
  const authorization = `Basic ${Buffer.from(`${world.flavour}:${simulator.apiKey}`).toString("base64")}`;
  const call: MdmCaller["call"] = (method, path, body) =>
    send(`${simulator.url}${path}`, { method, headers: { authorization }, ...(body === undefined ? {} : { body }) });
  const events: MdmCaller["events"] = (topic) =>
    world.webhook.events
      .filter((event) => topic === undefined || event.topic === topic)
      .map(({ body }) => readBody(body));
  return {
    simulator,
    call,
    events,
    id: (index) => world.devices[index]?.id ?? "none",
    control: (path, input) =>
      send(
        `${simulator.controlUrl}${path}`,
        input === undefined ? {} : { method: "POST", body: JSON.stringify(input) },
      ),
    async command(ids, uuid, command) {
      const body = writePlist({ CommandUUID: uuid, Command: command }).toString("utf8");
      const answer =
        world.flavour === "nanomdm"
          ? await call("PUT", `/v1/enqueue/${ids}`, body)
          : await call("POST", `/v1/commands/${ids}`, body);
      await world.activity.whenIdle();
      return answer;
    },
    answers: (uuid) =>
      events("mdm.Connect")
        .map(({ payload }) => payload)
        .filter(({ CommandUUID }) => CommandUUID === uuid),
  };
}

function readBody(body: Buffer): EventSeen {
  const { topic, ...event } = JSON.parse(body.toString("utf8"));
  const { raw_payload } = event.acknowledge_event ?? event.checkin_event;
  return { topic, event, payload: readPlist(Buffer.from(raw_payload, "base64").toString("utf8")) };
}

async function send(url: string, init: RequestInit): Promise<MdmAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) };
  } catch {
    return { status: response.status, body: {} };
  }
}

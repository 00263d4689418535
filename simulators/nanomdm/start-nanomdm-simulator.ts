import { close } from "../http/close.js";
import { listen } from "../http/listen.js";
import { serveControlCalls } from "../http/serve-control-calls.js";
import { enroll } from "./check-in.js";
import { controlCalls } from "./control/control-calls.js";
import { createMdmServer } from "./mdm-server.js";
import type { DeviceKind } from "./simulated-device.js";
import { openStore, type Store } from "./store.js";
import type { SwitchesInput } from "./switches.js";
import { type Flavour, World } from "./world.js";

export interface NanoMdmSimulatorOptions {
  flavour?: Flavour;
  host?: string;
  /** 0 takes any free port, for both. */
  port?: number;
  controlPort?: number;
  seed?: number;
  /** How many devices are enrolled from the start. */
  devices?: number;
  /** What they are, in turn. */
  kinds?: readonly DeviceKind[];
  /** How their serial numbers begin. */
  serialPrefix?: string;
  apiKey?: string;
  /** Where events go from the start; without it they are only kept. */
  webhookUrl?: string | null;
  webhookSecret?: string;
  /** What devices ask before they install; every app for everybody if left out. */
  store?: Store;
  switches?: SwitchesInput;
}

export interface NanoMdmSimulator {
  /** The server's address, to be used as a target's `url`. */
  readonly url: string;
  readonly controlUrl: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** The data itself, for tests in the same process to look at. */
  readonly world: World;
  /** Cuts every connection and drops events that wait. */
  stop(): Promise<void>;
}

const SERIAL_LENGTH = 12;

/**
 * Starts a simulated NanoMDM (or MicroMDM) with three iPhones unless told otherwise.
 * @throws the system's error if a port is taken; nothing is left open then.
 */
export async function startNanoMdmSimulator(options: NanoMdmSimulatorOptions = {}): Promise<NanoMdmSimulator> {
  const { flavour = "nanomdm", host = "127.0.0.1", port = 0, controlPort = 0, seed = 1 } = options;
  const { apiKey = `${flavour}-api-key`, webhookSecret = `${flavour}-webhook-secret`, webhookUrl = null } = options;
  const world = new World(flavour, seed, options.store ?? openStore, apiKey, options.switches ?? {});
  Object.assign(world.webhook, { url: webhookUrl, secret: webhookSecret });
  addDevices(world, options);
  const servers = [createMdmServer(world), serveControlCalls(world, controlCalls)] as const;
  const stop = async () => {
    world.webhook.close();
    world.disturbances.release();
    for (const device of world.devices) device.isOnline = false;
    await Promise.all(servers.map((server) => close(server)));
  };
  try {
    const url = await listen(servers[0], host, port);
    const controlUrl = await listen(servers[1], host, controlPort);
    return { url, controlUrl, apiKey, webhookSecret, world, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addDevices(
  world: World,
  { devices = 3, kinds = ["iPhone"], serialPrefix = "NANO" }: NanoMdmSimulatorOptions,
): void {
  for (let index = 0; index < devices; index += 1) {
    const kind = kinds[index % kinds.length] ?? "iPhone";
    const number = (index + 1).toString(36).toUpperCase();
    const serialNumber = `${serialPrefix}${number.padStart(SERIAL_LENGTH - serialPrefix.length, "0")}`;
    const hasUser = kind === "Mac" || kind === "SharedIPad";
    enroll(world, world.addDevice(kind, serialNumber, hasUser ? `user${index + 1}@example.com` : null));
  }
}

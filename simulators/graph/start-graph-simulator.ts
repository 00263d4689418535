import { close } from "../http/close.js";
import { listen } from "../http/listen.js";
import { createControlServer } from "./control/control-server.js";
import { createGraphServer } from "./graph-server.js";
import { populate, type Stock } from "./populate.js";
import { ALL_PERMISSIONS } from "./routes.js";
import type { SwitchesInput } from "./switches.js";
import { World } from "./world.js";

export interface GraphSimulatorOptions extends Partial<Stock> {
  host?: string;
  /** 0 takes any free port, for both. */
  port?: number;
  controlPort?: number;
  seed?: number;
  /** PEM texts of certificates that may sign client assertions. */
  certificates?: readonly string[];
  switches?: SwitchesInput;
}

export interface GraphSimulator {
  /** The address of both the login service and Graph; versions and tenants come below it. */
  readonly url: string;
  readonly controlUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The data itself, for tests in the same process to look at. */
  readonly world: World;
  /** Cuts every connection and drops whatever was to happen later. */
  stop(): Promise<void>;
}

/**
 * Starts a simulated tenant with 5 users, 6 Apple devices (one without a user) and 3 apps of 10 licenses unless told otherwise.
 * @throws the system's error if a port is taken; nothing is left open then.
 */
export async function startGraphSimulator(options: GraphSimulatorOptions = {}): Promise<GraphSimulator> {
  const { host = "127.0.0.1", port = 0, controlPort = 0, seed = 1 } = options;
  const world = createWorld(seed, options);
  const servers = [createGraphServer(world), createControlServer(world)] as const;
  const stop = async () => {
    world.close();
    await Promise.all(servers.map((server) => close(server)));
  };
  try {
    const url = await listen(servers[0], host, port);
    const controlUrl = await listen(servers[1], host, controlPort);
    const { tenantId, clientId, clientSecret } = world.registration;
    return { url, controlUrl, tenantId, clientId, clientSecret, world, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createWorld(seed: number, options: GraphSimulatorOptions): World {
  const registration = {
    tenantId: idOf("10000000", seed),
    clientId: idOf("20000000", seed),
    clientSecret: `simulated-secret-${seed}`,
    certificates: [...(options.certificates ?? [])],
    permissions: new Set(ALL_PERMISSIONS),
  };
  const world = new World(registration, seed, options.switches ?? {});
  const { users = 5, devices = 6, apps = 3, licenses = 10, mixed = true } = options;
  const userless = options.userless ?? (users === 0 ? devices : Math.min(1, devices));
  const serialPrefix = options.serialPrefix ?? `SG${seed.toString(36).toUpperCase().padStart(3, "0")}`;
  populate(world, { users, devices, userless, apps, licenses, mixed, serialPrefix });
  return world;
}

/** An id of the seed alone, so that settings stay good over a restart. */
function idOf(start: string, seed: number): string {
  return `${start}-0000-4000-8000-${seed.toString(16).padStart(12, "0")}`;
}

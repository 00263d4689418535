import { close } from "../http/close.js";
import { listen } from "../http/listen.js";
import { createAppleServer, type RequestHook } from "./apple-server.js";
import { createControlServer } from "./control/control-server.js";
import type { Location, Platform } from "./location.js";
import { populate, type Stock } from "./populate.js";
import { BASE_PATH } from "./routes.js";
import type { SwitchesInput } from "./switches.js";
import { World } from "./world.js";

export interface LocationOptions extends Partial<Stock> {
  name?: string | undefined;
  /** `enterprisestore` is business, `volumestore` education. */
  platform?: Platform | undefined;
  countryCode?: string | undefined;
  organizationName?: string | undefined;
  /** Domain of the Managed Apple Accounts. */
  domain?: string | undefined;
  /** A year from today if left out. */
  tokenExpiresAt?: Date | undefined;
}

/** Options of the simulator and of its first location. */
export interface AppleSimulatorOptions extends LocationOptions {
  host?: string;
  /** 0 takes any free port, for both. */
  port?: number;
  controlPort?: number;
  seed?: number;
  switches?: SwitchesInput;
  onRequest?: RequestHook;
}

export interface AppleSimulator {
  /** The v2 root, to be used as APPLE_BASE_URL. */
  readonly baseUrl: string;
  readonly controlUrl: string;
  /** The text of the first location's token file as it was at the start. */
  readonly tokenFile: string;
  /** The data itself, for tests in the same process to look at. */
  readonly world: World;
  addLocation(options: LocationOptions): Location;
  /** Cuts every connection and drops pending events. */
  stop(): Promise<void>;
}

/**
 * Starts a simulated Apps and Books service with one location of 10 apps and 100 licences unless told otherwise.
 * @throws the system's error if a port is taken; nothing is left open then.
 */
export async function startAppleSimulator(options: AppleSimulatorOptions = {}): Promise<AppleSimulator> {
  const { host = "127.0.0.1", port = 0, controlPort = 0, seed = 1 } = options;
  const world = new World(seed, options.switches ?? {});
  const first = addLocation(world, options);
  const { text: tokenFile } = first.token;
  const appleServer = createAppleServer(world, options.onRequest);
  const controlServer = createControlServer(world, (input) => addLocation(world, input));
  const stop = async () => {
    await Promise.all([appleServer, controlServer].map((server) => close(server)));
    world.close();
  };
  try {
    const origin = await listen(appleServer, host, port);
    const controlUrl = await listen(controlServer, host, controlPort);
    return {
      baseUrl: `${origin}${BASE_PATH}`,
      controlUrl,
      tokenFile,
      world,
      addLocation: (input) => addLocation(world, input),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addLocation(world: World, options: LocationOptions): Location {
  const location = world.createLocation(
    {
      name: options.name ?? `Example Location ${world.locations.length + 1}`,
      platform: options.platform ?? "enterprisestore",
      countryCode: options.countryCode ?? "US",
      organizationName: options.organizationName ?? "Example Organization",
      domain: options.domain ?? "example.com",
    },
    options.tokenExpiresAt,
  );
  const { apps = 10, licenses = 100, users = 0, assigned = 0 } = options;
  populate(world, location, { apps, licenses, users, assigned });
  world.locations.push(location);
  return location;
}

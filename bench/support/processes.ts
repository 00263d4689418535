import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.js";

export interface SimulatedApple {
  readonly baseUrl: string;
  readonly controlUrl: string;
  stop(): Promise<void>;
}

/** What the simulated Apple begins with. */
export interface AppleSizes {
  readonly apps: number;
  readonly licenses: number;
  readonly assigned: number;
  readonly users: number;
}

/** Starts the simulator as `npm run simulate` does. @param tokenFile where it writes its token file. */
export async function startApple(sizes: AppleSizes, tokenFile: string): Promise<SimulatedApple> {
  const options = { port: 0, "control-port": 0, ...sizes, "token-out": tokenFile };
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
  const child = await startChild(
    ["--import", "tsx", "simulators/main.ts", "apple", ...args],
    { NODE_ENV: "production" },
    /^(?:APPLE_BASE_URL=|Control plane: )(\S+)$/,
    { count: 2 },
  );
  const [baseUrl = "", controlUrl = ""] = child.found;
  return { baseUrl, controlUrl, stop: child.stop };
}

export interface ServiceSettings {
  /** Where it may keep files. */
  readonly directory: string;
  readonly databaseUrl: string;
  readonly appleUrl: string;
  readonly adminKey: string;
  readonly encryptionKey: string;
  /** The Node it runs on; ours. */
  readonly node?: string;
  /** Beside those of `npm start`. */
  readonly nodeOptions?: readonly string[];
  /** Where this differs from what a benchmark sets, or from the defaults. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the built service as `npm start` does; `found` is its address. */
export async function startService(settings: ServiceSettings): Promise<Child> {
  const environment = {
    NODE_ENV: "production",
    PORT: "0",
    DATABASE_URL: settings.databaseUrl,
    ALLOTMENT_DATA_DIR: await mkdtemp(join(settings.directory, "service-")),
    APPLE_BASE_URL: settings.appleUrl,
    ENCRYPTION_KEY: settings.encryptionKey,
    ADMIN_API_KEY: settings.adminKey,
    LOG_LEVEL: "error",
    // What is measured is not held back.
    LIMIT_REQUESTS_PER_MINUTE: "0",
    // No synchronisation but ours: the next 29 February is far enough away.
    SYNC_CRON: "0 0 29 2 *",
    ...settings.environment,
  };
  const args = ["--max-old-space-size=1024", ...(settings.nodeOptions ?? []), "dist/src/main.js"];
  return startChild(args, environment, /listens on (\S+)/, settings.node ? { node: settings.node } : {});
}

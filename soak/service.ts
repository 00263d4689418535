import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readConfig } from "../src/config.js";
import { type Service, startService } from "../src/server.js";
import { type Ask, connectApi } from "./api.js";
import { freePort } from "./free-port.js";

const ADMIN_API_KEY = "soak-admin-key-0123456789";

/** Short enough for weeks in minutes; an event at Apple still ends long before we look up what became of it. */
const TIME_SCALE = 500;

/** The service under soak; it can end and come back at the same address at any time. */
export interface SoakService {
  readonly ask: Ask;
  /**
   * Ends it and starts it again.
   * @param release lets go of what it waits for: only then can one that ends in order end, and one that is killed never hears of it.
   */
  restart(release?: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
  /** How often it has ended without being told to. */
  readonly crashes: number;
}

interface Running {
  /** @returns whether it ran until now. */
  end(release?: () => Promise<unknown>): Promise<boolean>;
}

export interface SoakServiceOptions {
  readonly databaseUrl: string;
  readonly appleBaseUrl: string;
  readonly dataDirectory: string;
  /** Of Apple; each is added by the caller. */
  readonly tokens: number;
  /** True: a process of its own, made from `dist/`, to be killed. False: in this process; it ends in order. */
  readonly killed: boolean;
}

export async function startSoakService(options: SoakServiceOptions): Promise<SoakService> {
  const port = await freePort();
  const environment = environmentOf(options, port);
  const start = options.killed ? startProcess : startHere;
  let running = await start(environment);
  let crashes = 0;
  const end = async (release?: () => Promise<unknown>) => {
    if (!(await running.end(release))) crashes += 1;
  };
  return {
    ask: connectApi(`http://127.0.0.1:${port}`, ADMIN_API_KEY),
    async restart(release) {
      await end(release);
      running = await start(environment);
    },
    stop: end,
    get crashes() {
      return crashes;
    },
  };
}

function environmentOf(options: SoakServiceOptions, port: number): Record<string, string> {
  return {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: options.databaseUrl,
    APPLE_BASE_URL: options.appleBaseUrl,
    ALLOTMENT_DATA_DIR: options.dataDirectory,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
    ADMIN_API_KEY,
    TIME_SCALE: String(TIME_SCALE),
    TOKEN_LIMIT: String(options.tokens),
    // A delta now and then beside those that are asked for; holders come in only when they are asked for.
    SYNC_CRON: "*/3 * * * * *",
    HOLDERS_CRON: "0 0 1 1 *",
    FULL_SYNC_DAYS: "365",
    // It asks as often as it can.
    LIMIT_REQUESTS_PER_MINUTE: "0",
    LOG_LEVEL: process.env.SOAK_LOG_LEVEL ?? "silent",
  };
}

async function startHere(environment: Record<string, string>): Promise<Running> {
  const service: Service = await startService(readConfig(environment));
  return {
    end: async (release) => {
      await release?.();
      await service.close();
      return true;
    },
  };
}

async function startProcess(environment: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../dist/src/main.js", import.meta.url))], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await untilItListens(child);
  return {
    end: async (release) => {
      const ran = child.exitCode === null && child.signalCode === null;
      if (ran) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await release?.();
      return ran;
    },
  };
}

async function untilItListens(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error("The service has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes("listens on")) continue;
    child.stdout.resume();
    return;
  }
  throw new Error("The service ended before it listened");
}

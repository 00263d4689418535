import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../src/config.js";
import { startService } from "../../src/server.js";
import { type Ask, connectApi } from "../api.js";
import { freePort } from "../free-port.js";
import modelMdm from "./mdm/plugin.js";

const ADMIN_API_KEY = "soak-admin-key-0123456789";

/** What is longer is made to pass (`pass-time`); Apple's and the MDM's answers, which take real time, are waited for. */
const TIME_SCALE = 100;

/**
 * Who works on a history: one service; two on one database, each with its API and its worker; or one whose worker is a
 * process of its own, to be killed.
 */
export type Staff = "one" | "two" | "killable";

/** The service under test: its API in this process, its worker here too or, to be killed, in one of its own. */
export interface ModelService {
  /** Of two, they are asked in turn. */
  readonly ask: Ask;
  /** Null when the worker is in this process. */
  readonly worker: KillableWorker | null;
  stop(): Promise<void>;
}

export interface ModelServiceOptions {
  readonly databaseUrl: string;
  readonly appleBaseUrl: string;
  readonly dataDirectory: string;
  readonly staff: Staff;
}

/** @throws whatever keeps the service from starting. */
export async function startModelService(options: ModelServiceOptions): Promise<ModelService> {
  const port = await freePort();
  const environment = environmentOf(options, port);
  const roles = options.staff === "killable" ? "api" : "api,worker";
  const services = [await startHere({ ...environment, PORT: String(port), ROLES: roles })];
  if (options.staff === "two") {
    const ALLOTMENT_DATA_DIR = join(options.dataDirectory, "of the second");
    services.push(await startHere({ ...environment, ALLOTMENT_DATA_DIR }));
  }
  const worker = options.staff === "killable" ? new KillableWorker({ ...environment, ROLES: "worker" }) : null;
  return {
    ask: inTurn(services.map(({ ask }) => ask)),
    worker,
    stop: async () => {
      await worker?.stop();
      for (const { close } of services) await close();
    },
  };
}

async function startHere(environment: Readonly<Record<string, string>>): Promise<{ ask: Ask; close(): Promise<void> }> {
  const service = await startService(readConfig(environment), { plugins: [modelMdm] });
  if (service.url === null) throw new Error("The service has no API");
  return { ask: connectApi(service.url, ADMIN_API_KEY), close: service.close };
}

function inTurn(asks: readonly Ask[]): Ask {
  let turn = 0;
  return (operation, variables) => {
    const ask = asks[turn % asks.length] as Ask;
    turn += 1;
    return ask(operation, variables);
  };
}

function environmentOf(
  { databaseUrl, appleBaseUrl, dataDirectory }: ModelServiceOptions,
  port: number,
): Record<string, string> {
  return {
    PORT: "0",
    // Where Apple notifies us of what others change, as far as its weather lets it.
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: databaseUrl,
    APPLE_BASE_URL: appleBaseUrl,
    ALLOTMENT_DATA_DIR: dataDirectory,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
    ADMIN_API_KEY,
    TIME_SCALE: String(TIME_SCALE),
    TARGET_HOSTS: "127.0.0.1",
    // What is read, and when, is for the history to say.
    SYNC_CRON: "0 0 1 1 *",
    HOLDERS_CRON: "0 0 1 1 *",
    FULL_SYNC_DAYS: "365",
    // It asks as often as it can.
    LIMIT_REQUESTS_PER_MINUTE: "0",
    LOG_LEVEL: process.env.SOAK_LOG_LEVEL ?? "silent",
  };
}

/** A worker that dies as by `kill -9` and is started again at once, as a supervisor would. */
export class KillableWorker {
  kills = 0;
  #child: ChildProcess;
  readonly #environment: Record<string, string>;

  constructor(environment: Record<string, string>) {
    this.#environment = environment;
    this.#child = this.#start();
  }

  async kill(): Promise<void> {
    this.kills += 1;
    await this.stop();
    this.#child = this.#start();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #start(): ChildProcess {
    const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const plugin = fileURLToPath(new URL("./mdm/plugin.ts", import.meta.url));
    return spawn(process.execPath, ["--import", "tsx", program], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.#environment, ALLOTMENT_PLUGINS: plugin },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}

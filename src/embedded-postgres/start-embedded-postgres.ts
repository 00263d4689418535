import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { readIfPresent, readOrCreatePrivateFile } from "../private-file.js";
import { type Account, serverAccount } from "./account.js";
import { type Binaries, ensureSystemDirectory, packagedBinaries, sharedBinaries } from "./binaries.js";
import {
  type ClusterPlace,
  DATABASE,
  ensureCluster,
  ownPlace,
  placeForAccount,
  placeInMemory,
  SUPERUSER,
} from "./cluster.js";
import { waitUntilFree } from "./holder.js";
import { launchServer, type ServerProcess } from "./launch-server.js";

const SYSTEM_DIRECTORY = "/var/lib/allotment";
const WAIT_FOR_OTHER_MS = 30_000;
/** Replaying the log after a crash may take a while; PostgreSQL refuses sessions until it is done. */
const START_MS = 300_000;
const START_ATTEMPTS = 3;

export interface EmbeddedPostgresOptions {
  /** Holds the password, the log, and the cluster, or, for root, a note where the cluster is. Made where missing. */
  readonly directory: string;
  /** For tests: the cluster lies in memory where there is room, waits for no disk, and is removed when it stops. */
  readonly throwaway?: boolean;
  /** Where root keeps binaries and clusters for an unprivileged account; /var/lib/allotment unless said otherwise. */
  readonly systemDirectory?: string;
  /** How long to wait for another process to let go of the directory; 30,000 unless said otherwise. */
  readonly waitForOtherMs?: number;
  /** Called if PostgreSQL ends although nobody stopped it. */
  readonly onLost?: (error: Error) => void;
}

/** A running PostgreSQL of our own. */
export interface EmbeddedPostgres {
  /** Connects as superuser to the database `allotment`; holds the password. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Prepared {
  readonly directory: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly place: ClusterPlace;
  readonly password: string;
  readonly data: string;
}

/**
 * Starts the PostgreSQL of the npm package on a free port of 127.0.0.1. It ends with this process, however this process
 * ends. Throws if another process holds the directory for longer than `waitForOtherMs`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const prepared = await prepare(options);
  const deadline = Date.now() + (options.waitForOtherMs ?? WAIT_FOR_OTHER_MS);
  for (let attempt = 1; ; attempt += 1) {
    await waitUntilFree(prepared.data, deadline);
    const port = await freePort();
    const server = launch(prepared, port, options.throwaway ?? false);
    if (await isReady(server, adminUrl(prepared.password, port))) return running(server, prepared, port, options);
    // Another process took the port or the directory, or sessions of a killed PostgreSQL are just ending.
    if (attempt === START_ATTEMPTS) throw await startFailure(prepared);
    await sleep(1000);
  }
}

async function prepare(options: EmbeddedPostgresOptions): Promise<Prepared> {
  const directory = resolve(options.directory);
  const account = serverAccount();
  const systemDirectory = resolve(options.systemDirectory ?? SYSTEM_DIRECTORY);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (account) await ensureSystemDirectory(systemDirectory);
  const binaries = account ? await sharedBinaries(systemDirectory) : await packagedBinaries();
  const password = await readOrCreatePrivateFile(join(directory, "postgres-password"), () =>
    randomBytes(24).toString("hex"),
  );
  const throwaway = options.throwaway ?? false;
  const place =
    (throwaway && (await placeInMemory(account))) || (await lastingPlace(directory, systemDirectory, account));
  const data = await ensureCluster({ root: place.root, binaries, account, password, throwaway });
  return { directory, account, binaries, place, password, data };
}

function lastingPlace(directory: string, systemDirectory: string, account: Account | undefined): Promise<ClusterPlace> {
  return account ? placeForAccount(directory, systemDirectory, account) : ownPlace(directory);
}

function launch(prepared: Prepared, port: number, throwaway: boolean): ServerProcess {
  const settings = { ...serverSettings(port), ...(throwaway ? THROWAWAY_SETTINGS : {}) };
  return launchServer({
    command: prepared.binaries.postgres,
    args: ["-D", prepared.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    directory: prepared.place.root,
    ...(prepared.account ? { account: prepared.account } : {}),
    log: join(prepared.directory, "postgres.log"),
    removeAtEnd: throwaway ? prepared.place.traces : [],
  });
}

const THROWAWAY_SETTINGS = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_wal_size: "512MB",
};

/**
 * Room for a ledger of a million holdings, and no checkpoint in the middle of reading one for the first time. The log keeps
 * to what went wrong, without statements and key values: they may hold what is nobody's business.
 */
function serverSettings(port: number): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "2GB",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  };
}

function adminUrl(password: string, port: number): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
}

/** Waits for the first session, and makes the database in it; false if PostgreSQL ended instead. */
async function isReady(server: ServerProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (!server.hasEnded()) {
    if (await createDatabase(url)) return true;
    if (Date.now() >= deadline) {
      await server.stop();
      return false;
    }
    await Promise.race([sleep(50), server.ended]);
  }
  return false;
}

async function createDatabase(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch {
    return false;
  }
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    return true;
  } finally {
    await client.end();
  }
}

function running(
  server: ServerProcess,
  prepared: Prepared,
  port: number,
  options: EmbeddedPostgresOptions,
): EmbeddedPostgres {
  let stopped = false;
  void server.ended.then(async () => {
    if (!stopped) options.onLost?.(new Error(`The embedded PostgreSQL ended: see ${prepared.directory}/postgres.log.`));
  });
  return {
    url: `postgres://${SUPERUSER}:${prepared.password}@127.0.0.1:${port}/${DATABASE}`,
    async stop() {
      stopped = true;
      await server.stop();
    },
  };
}

async function startFailure({ directory, data }: Prepared): Promise<Error> {
  const log = (await readIfPresent(join(directory, "postgres.log"))) ?? "";
  return new Error(`The embedded PostgreSQL did not start on ${data}. The end of its log: ${log.slice(-2000)}`);
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === "object" && address ? address.port : 0));
    });
  });
}

import { randomBytes } from "node:crypto";
import pg from "pg";
import { migrateDatabase } from "../../src/database.js";
import type { Child } from "../support/child-process.js";
import type { BenchPostgres } from "../support/postgres.js";
import { startService } from "../support/processes.js";
import { say } from "../support/say.js";
import { fill } from "./data/fill.js";
import type { Sizes } from "./data/sizes.js";
import type { Options } from "./options.js";
import { startBare } from "./peers/bare.js";
import { startOurs } from "./peers/ours.js";
import type { Peer, PeerName } from "./peers/peer.js";
import { startPostgraphile } from "./peers/postgraphile.js";
import { POSTGRAPHILE_FUNCTIONS_SQL } from "./peers/postgraphile-functions.js";

const POOL_SIZE = 10;
/** Those of the database, and one to be read meanwhile. */
const TOKENS = 100;

/** The filled database, and who answers from it. */
export interface Scene {
  readonly session: pg.Client;
  readonly peers: readonly Peer[];
  /** As the installation's admin sends them. */
  readonly adminKey: string;
  /** Starts a second process of the service, which works on jobs, too. */
  startWorker(): Promise<Child>;
  stop(): Promise<void>;
}

/** @param appleUrl where the service finds Apple; queries do without. */
export async function createScene(
  postgres: BenchPostgres,
  node: string,
  { sizes, peers: names, profile }: Options,
  appleUrl: string,
): Promise<Scene> {
  const databaseUrl = await postgres.createDatabase("query");
  const session = await filledDatabase(databaseUrl, sizes);
  const peerSettings = { node, databaseUrl, poolSize: POOL_SIZE };
  const adminKey = randomBytes(24).toString("hex");
  const service = {
    ...{ node, databaseUrl, adminKey, appleUrl, directory: postgres.directory },
    encryptionKey: randomBytes(32).toString("base64"),
  };
  const environment = {
    DATABASE_POOL_SIZE: String(POOL_SIZE),
    LIMIT_REQUESTS_PER_MINUTE: "0",
    TOKEN_LIMIT: String(TOKENS),
  };
  const nodeOptions = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
  const start: Record<PeerName, () => Promise<Peer>> = {
    ours: () => startOurs({ ...service, nodeOptions, environment: { ...environment, ROLES: "api" } }),
    postgraphile: () => startPostgraphile(peerSettings),
    bare: () => startBare(peerSettings, postgres.directory),
  };
  const peers = await startAll(names.map((name) => start[name]));
  return {
    session,
    peers,
    adminKey,
    startWorker: () => startService({ ...service, environment }),
    async stop() {
      await session.end();
      for (const { child } of peers) await child.stop();
    },
  };
}

/** One after the other; none is left behind if one cannot start. */
async function startAll(starts: readonly (() => Promise<Peer>)[]): Promise<Peer[]> {
  const started: Peer[] = [];
  try {
    for (const start of starts) started.push(await start());
    return started;
  } catch (error) {
    for (const { child } of started) await child.stop();
    throw error;
  }
}

async function filledDatabase(databaseUrl: string, sizes: Sizes): Promise<pg.Client> {
  await migrateDatabase(databaseUrl);
  const session = new pg.Client({ connectionString: databaseUrl });
  // When the benchmark is stopped: whoever asks just then is told by the answer.
  session.on("error", () => undefined);
  await session.connect();
  say(`${sizes.licenses} licences, ${sizes.apps} apps, ${sizes.devices} devices:`);
  await fill(session, sizes);
  await session.query(POSTGRAPHILE_FUNCTIONS_SQL);
  return session;
}

import { randomBytes } from "node:crypto";
import pg from "pg";
import { migrateDatabase } from "../../src/database.js";
import type { BenchPostgres } from "../support/postgres.js";
import { startService } from "../support/processes.js";
import { say } from "../support/say.js";
import { fill } from "./data/fill.js";
import type { Options } from "./options.js";
import { startBare } from "./peers/bare.js";
import { ours } from "./peers/ours.js";
import type { Peer, PeerName } from "./peers/peer.js";
import { startPostgraphile } from "./peers/postgraphile.js";
import { POSTGRAPHILE_FUNCTIONS_SQL } from "./peers/postgraphile-functions.js";

const POOL_SIZE = 10;

/** As an installation that only answers, with the database's sessions that the peers have, and nobody held up. */
const ENVIRONMENT = { ROLES: "api", DATABASE_POOL_SIZE: String(POOL_SIZE), LIMIT_REQUESTS_PER_MINUTE: "0" };

/** Nobody listens there: queries do not need Apple. */
const NO_APPLE = "http://127.0.0.1:9/mdm/v2";

/** The filled database and who answers from it. */
export interface Scene {
  readonly session: pg.Client;
  readonly peers: readonly Peer[];
  stop(): Promise<void>;
}

export async function createScene(postgres: BenchPostgres, node: string, options: Options): Promise<Scene> {
  const { sizes, profile } = options;
  const databaseUrl = await postgres.createDatabase("query");
  await migrateDatabase(databaseUrl);
  const session = new pg.Client({ connectionString: databaseUrl });
  await session.connect();
  say(`${sizes.licenses} licences, ${sizes.apps} apps, ${sizes.devices} devices:`);
  await fill(session, sizes);
  await session.query(POSTGRAPHILE_FUNCTIONS_SQL);
  const shared = { node, databaseUrl, poolSize: POOL_SIZE };
  const secrets = { adminKey: randomBytes(24).toString("hex"), encryptionKey: randomBytes(32).toString("base64") };
  const start: Record<PeerName, () => Promise<Peer>> = {
    ours: async () => {
      const nodeOptions = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
      const service = await startService({
        ...shared,
        ...secrets,
        directory: postgres.directory,
        appleUrl: NO_APPLE,
        nodeOptions,
        environment: ENVIRONMENT,
      });
      return ours(service, secrets.adminKey);
    },
    postgraphile: () => startPostgraphile(shared),
    bare: () => startBare(shared, postgres.directory),
  };
  const peers: Peer[] = [];
  for (const name of options.peers) peers.push(await start[name]());
  return {
    session,
    peers,
    async stop() {
      await session.end();
      for (const { child } of peers) await child.stop();
    },
  };
}

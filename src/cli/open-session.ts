import pg from "pg";
import type { Config } from "../config.js";
import { findCluster } from "../embedded-postgres/find-cluster.js";
import { startEmbeddedPostgres } from "../embedded-postgres/start-embedded-postgres.js";

/** How long a database may take to answer before it counts as not reached. */
const CONNECT_MS = 10_000;
const STATEMENT_MS = 20_000;

/** One session with the service's database. */
export interface Session {
  readonly client: pg.Client;
  /** Where that is, without user and password. */
  readonly place: string;
  close(): Promise<void>;
}

/**
 * Opens a session as the service would, and migrates nothing. The embedded database is started for it unless it runs; null
 * if it has not been made yet. @throws what the database or the network says.
 * @param command under which the database's administrators see the session
 */
export async function openSession(
  { databaseUrl, dataDirectory }: Pick<Config, "databaseUrl" | "dataDirectory">,
  command: string,
): Promise<Session | null> {
  if (databaseUrl !== undefined) return connect(databaseUrl, command, async () => undefined);
  const cluster = await findCluster(dataDirectory);
  if (cluster === null) return null;
  if (cluster.url !== null) return connect(cluster.url, command, async () => undefined);
  const started = await startEmbeddedPostgres({ directory: dataDirectory });
  return connect(started.url, command, started.stop);
}

async function connect(url: string, command: string, release: () => Promise<void>): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `allotment ${command}`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await release();
    throw error;
  }
  const { host, pathname } = new URL(url);
  return {
    client,
    place: `${host}${pathname}`,
    close: async () => {
      await client.end();
      await release();
    },
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../../src/embedded-postgres/start-embedded-postgres.js";
import { readIfPresent } from "../../src/private-file.js";

/** The one PostgreSQL of a benchmark: the embedded one, as it comes. */
export interface BenchPostgres {
  /** For files of the benchmark; goes with it. */
  readonly directory: string;
  /** Makes an empty database. @returns its address. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchPostgres> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-bench-"));
  const postgres = await startEmbeddedPostgres({ directory });
  return {
    directory,
    async createDatabase(name) {
      await withSession(postgres.url, (session) => session.query(`CREATE DATABASE ${name}`));
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      await postgres.stop();
      const cluster = await readIfPresent(join(directory, "postgres-path"));
      if (cluster) await rm(cluster, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Does the work on a session of its own. */
async function withSession<Result>(url: string, work: (session: pg.Client) => Promise<Result>): Promise<Result> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}

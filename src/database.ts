import { Logger, runMigrations as runWorkerMigrations } from "graphile-worker";
import pg from "pg";
import { DataSource } from "typeorm";
import { startEmbeddedPostgres } from "./embedded-postgres/start-embedded-postgres.js";
import { entities, migrations } from "./entities/index.js";
import { SnakeNaming } from "./entities/naming.js";
import { errorSentence } from "./error-sentence.js";
import { assertNoLaterRelease, readMigrations } from "./read-migrations.js";
import { WORKER_SCHEMA } from "./worker-schema.js";

const OLDEST_SERVER_MAJOR = 15;
/** An arbitrary number of ours; advisory locks are told apart by it within one database. */
const MIGRATION_LOCK = "4728150916283";
const MIGRATION_LOCK_TIMEOUT = "10min";
const DEFAULT_POOL_SIZE = 20;

export interface DatabaseOptions {
  /** A PostgreSQL 15 or later; undefined starts the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Where the embedded one keeps its files. */
  readonly dataDirectory: string;
  /** Sessions at most, besides those of the worker; 20 unless said otherwise. */
  readonly poolSize?: number;
  /** Called if the embedded PostgreSQL ends although nobody closed it. */
  readonly onLost?: (error: Error) => void;
}

/** The open, migrated database. */
export interface Database {
  readonly dataSource: DataSource;
  /** For those who open sessions of their own (the worker, LISTEN); holds the password. */
  readonly url: string;
  /** Ends all sessions, and the embedded PostgreSQL if this process started it. */
  close(): Promise<void>;
}

/** Opens the database and brings its schema up to date; several processes may do so at the same moment. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded =
    options.databaseUrl === undefined
      ? await startEmbeddedPostgres({
          directory: options.dataDirectory,
          ...(options.onLost ? { onLost: options.onLost } : {}),
        })
      : undefined;
  const url = embedded?.url ?? options.databaseUrl ?? "";
  const dataSource = createDataSource(url, options.poolSize);
  const close = async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await embedded?.stop();
  };
  try {
    await migrateDatabase(url);
    await dataSource.initialize();
  } catch (error) {
    await close();
    throw error;
  }
  return { dataSource, url, close };
}

/**
 * The DataSource over everything that is stored, not yet initialised. It logs nothing: TypeORM would print statements
 * with their parameters.
 */
export function createDataSource(url: string, poolSize = DEFAULT_POOL_SIZE): DataSource {
  return new DataSource({
    type: "postgres",
    url,
    entities,
    migrations,
    namingStrategy: new SnakeNaming(),
    poolSize,
    applicationName: "allotment",
    logging: false,
    synchronize: false,
    installExtensions: false,
    uuidExtension: "pgcrypto",
    migrationsTransactionMode: "each",
    // Compiling a plan costs more than any of our statements.
    extra: { options: "-c jit=off" },
  });
}

/**
 * Applies what is missing of our migrations and of the worker's, each in a transaction of its own. A session lock lets
 * one process at a time do it; the others wait, and then find nothing to do.
 * @throws Error that says what to do, when the database is not reached, too old, or of a later release of ours.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const lock = new pg.Client({ connectionString: url, application_name: "allotment migrations" });
  await lock.connect().catch((error: unknown) => {
    throw notReached(error);
  });
  try {
    const { rows } = await lock.query<{ server_version: string }>("SHOW server_version");
    assertSupportedServer(rows[0]?.server_version ?? "");
    await lock.query("SELECT set_config('lock_timeout', $1, false)", [MIGRATION_LOCK_TIMEOUT]);
    await lock.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    assertNoLaterRelease(await readMigrations(lock));
    const dataSource = await createDataSource(url, 1).initialize();
    try {
      await dataSource.runMigrations();
    } finally {
      await dataSource.destroy();
    }
    await runWorkerMigrations({
      connectionString: url,
      schema: WORKER_SCHEMA,
      logger: new Logger(() => () => undefined),
    });
  } finally {
    await lock.end();
  }
}

/** What to tell and to do when DATABASE_URL leads nowhere. */
export function notReached(error: unknown): Error {
  const hint = 'Check DATABASE_URL, and whether the server runs; "allotment doctor" tells more.';
  return new Error(`The database is not reached: ${errorSentence(error)} ${hint}`, { cause: error });
}

/** Throws, with what to do, unless `version` (as `SHOW server_version` gives it) is one we support. */
export function assertSupportedServer(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_SERVER_MAJOR) return;
  throw new Error(
    `DATABASE_URL leads to PostgreSQL ${version}, and Allotment needs ${OLDEST_SERVER_MAJOR} or later: upgrade that server, ` +
      "or use another.",
  );
}

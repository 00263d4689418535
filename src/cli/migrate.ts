import { type Config, readConfig } from "../config.js";
import { migrateDatabase, notReached } from "../database.js";
import { startEmbeddedPostgres } from "../embedded-postgres/start-embedded-postgres.js";
import { assertNoLaterRelease, NOTHING_APPLIED, readMigrations } from "../read-migrations.js";
import { openSession } from "./open-session.js";

/** Applies what is missing, or with `dryRun` only lists it. @throws Error when the schema is of a later release. */
export async function migrate(env: NodeJS.ProcessEnv, dryRun: boolean): Promise<void> {
  const config = readConfig(env);
  if (dryRun) return tell("Missing", await missingIn(config));
  const embedded = config.databaseUrl ? null : await startEmbeddedPostgres({ directory: config.dataDirectory });
  const url = embedded?.url ?? config.databaseUrl ?? "";
  try {
    const missing = await missingIn({ ...config, databaseUrl: url });
    await migrateDatabase(url);
    tell("Applied", missing);
  } finally {
    await embedded?.stop();
  }
}

/** Changes nothing: an embedded database that is not there yet is not made for it. */
async function missingIn(config: Pick<Config, "databaseUrl" | "dataDirectory">): Promise<readonly string[]> {
  const session = await openSession(config, "migrate").catch((error: unknown) => {
    throw config.databaseUrl === undefined ? error : notReached(error);
  });
  if (session === null) return NOTHING_APPLIED.missing;
  try {
    const state = await readMigrations(session.client);
    assertNoLaterRelease(state);
    return state.missing;
  } finally {
    await session.close();
  }
}

function tell(what: string, names: readonly string[]): void {
  if (names.length === 0) console.log("The database is up to date.");
  for (const name of names) console.log(`${what}: ${name}`);
}

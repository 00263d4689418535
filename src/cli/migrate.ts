import pg from "pg";
import { readConfig } from "../config.js";
import { migrateDatabase } from "../database.js";
import { startEmbeddedPostgres } from "../embedded-postgres/start-embedded-postgres.js";
import { readMigrations } from "./read-migrations.js";

/** Applies what is missing, or with `dryRun` only lists it. */
export async function migrate(env: NodeJS.ProcessEnv, dryRun: boolean): Promise<void> {
  const config = readConfig(env);
  const embedded = config.databaseUrl ? null : await startEmbeddedPostgres({ directory: config.dataDirectory });
  const url = embedded?.url ?? config.databaseUrl ?? "";
  try {
    const before = await missingIn(url);
    if (!dryRun) await migrateDatabase(url);
    if (before.length === 0) return console.log("The database is up to date.");
    const done = dryRun ? "Missing" : "Applied";
    for (const name of before) console.log(`${done}: ${name}`);
  } finally {
    await embedded?.stop();
  }
}

async function missingIn(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: "allotment migrate" });
  await client.connect();
  try {
    return (await readMigrations(client)).missing;
  } finally {
    await client.end();
  }
}

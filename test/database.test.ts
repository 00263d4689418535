import pg from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { assertSupportedServer, migrateDatabase, openDatabase } from "../src/database.js";
import { migrations } from "../src/entities/index.js";
import { WORKER_SCHEMA } from "../src/worker-schema.js";
import { createEmptyDatabase, createTestDatabase } from "./support/database.js";
import { eventually } from "./support/eventually.js";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function emptyDatabase(): Promise<string> {
  const database = await createEmptyDatabase();
  cleanUps.push(database.drop);
  return database.url;
}

describe("opening a database", () => {
  it("lets three processes migrate the same empty database at once, each migration running once", async () => {
    const url = await emptyDatabase();
    const options = { databaseUrl: url, dataDirectory: "/nonexistent", poolSize: 2 };
    const opened = await Promise.all([openDatabase(options), openDatabase(options), openDatabase(options)]);
    cleanUps.push(async () => {
      await Promise.all(opened.map((database) => database.close()));
    });
    const rows = await opened[0].dataSource.query<{ name: string }[]>("SELECT name FROM migrations ORDER BY id");
    expect(rows.map((row) => row.name)).toEqual(migrations.map((migration) => migration.name));
    expect(await opened[2].dataSource.query("SELECT count(*)::int AS jobs FROM graphile_worker.jobs")).toEqual([
      { jobs: 0 },
    ]);
  });

  it("changes nothing in a database that is up to date", async () => {
    const url = await emptyDatabase();
    await migrateDatabase(url);
    const before = await schemaVersions(url);
    await migrateDatabase(url);
    expect(await schemaVersions(url)).toEqual(before);
  });

  it("gives the migration lock back, also when migrating failed", async () => {
    const url = await emptyDatabase();
    await runSql(url, "CREATE TABLE migrations (unexpected text)");
    await expect(migrateDatabase(url)).rejects.toThrow();
    await runSql(url, "DROP TABLE migrations");
    await migrateDatabase(url);
    const held = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    expect(await eventually(async () => ((await runSql(url, held)).length === 0 ? true : null))).toBe(true);
  });

  it("shows its sessions to administrators as allotment", async () => {
    const database = await createTestDatabase();
    cleanUps.push(database.drop);
    expect(await database.dataSource.query("SELECT current_setting('application_name') AS name")).toEqual([
      { name: "allotment" },
    ]);
  });

  it("prints nothing when a statement fails: it would print the values too", async () => {
    const database = await createTestDatabase();
    cleanUps.push(database.drop);
    const written = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write"), vi.spyOn(console, "log")];
    await expect(database.dataSource.query("SELECT $1::int", ["hunter2"])).rejects.toThrow(/invalid input/);
    for (const spy of written) {
      expect(spy.mock.calls.join()).not.toContain("hunter2");
      spy.mockRestore();
    }
  });

  it.each(["15.0", "15.18 (Debian 15.18-0+deb12u1)", "18.4"])("takes PostgreSQL %s", (version) => {
    expect(() => assertSupportedServer(version)).not.toThrow();
  });

  it.each(["14.22", "9.6.24", ""])("refuses PostgreSQL %j, and says what is needed", (version) => {
    expect(() => assertSupportedServer(version)).toThrow(/15 or later/);
  });

  it("rejects an address where no server listens, without printing the password", async () => {
    const attempt = openDatabase({ databaseUrl: "postgres://u:hunter2@127.0.0.1:1/x", dataDirectory: "/nonexistent" });
    await expect(attempt).rejects.toThrow(expect.not.objectContaining({ message: expect.stringContaining("hunter2") }));
  });
});

async function schemaVersions(url: string): Promise<unknown> {
  return {
    ours: await runSql(url, "SELECT * FROM migrations ORDER BY id"),
    worker: await runSql(url, `SELECT * FROM ${WORKER_SCHEMA}.migrations ORDER BY id`),
  };
}

async function runSql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

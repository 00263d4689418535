import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { DataSource } from "typeorm";
import { inject } from "vitest";
import { createDataSource } from "../../src/database.js";

/** Copies of one template must not overlap: PostgreSQL refuses to copy a database that is in use. */
const TEMPLATE_LOCK = 715_203;

/** A database of its own for a test file, with the whole schema and no rows. */
export interface TestDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  /** Ends the sessions and removes the database; call it in `afterAll`. */
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createDatabaseFrom(inject("testServer").template);
  const dataSource = await createDataSource(database.url, 10).initialize();
  return {
    url: database.url,
    dataSource,
    async drop() {
      if (dataSource.isInitialized) await dataSource.destroy();
      await database.drop();
    },
  };
}

/** Where a service on this database keeps its files; gone with the database. */
export function dataDirectoryOf(url: string): string {
  return join(tmpdir(), new URL(url).pathname.slice(1));
}

/** A database without any schema, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return createDatabaseFrom("template0");
}

/** A backup that was put back under another name: as it is now, without any session on it. */
export async function copyDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  return createDatabaseFrom(new URL(url).pathname.slice(1));
}

async function createDatabaseFrom(template: string): Promise<{ url: string; drop(): Promise<void> }> {
  const { adminUrl } = inject("testServer");
  const name = `allotment_test_${randomBytes(8).toString("hex")}`;
  await withAdmin(adminUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await withAdmin(adminUrl, async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
      await rm(dataDirectoryOf(url.href), { recursive: true, force: true });
    },
  };
}

async function withAdmin(adminUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

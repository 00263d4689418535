import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrateDatabase } from "../../src/database.js";
import { startEmbeddedPostgres } from "../../src/embedded-postgres/start-embedded-postgres.js";
import { buildPages } from "../../web/build-pages.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** The server's administrative address, and the migrated database that each test's database is a copy of. */
    testServer: { adminUrl: string; template: string };
  }
}

/**
 * One PostgreSQL for the whole run: an embedded one that is gone afterwards, or the server `TEST_DATABASE_URL` leads to
 * (an account that may create databases). Its schema is made once, in a template. And the pages as their source is now.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await buildPages();
  const server = await startServer();
  const template = `allotment_template_${randomBytes(6).toString("hex")}`;
  try {
    await runAsAdmin(server.adminUrl, `CREATE DATABASE ${template}`);
    await migrateDatabase(databaseUrl(server.adminUrl, template));
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide("testServer", { adminUrl: server.adminUrl, template });
  return async () => {
    await runAsAdmin(server.adminUrl, `DROP DATABASE ${template} WITH (FORCE)`);
    await server.stop();
  };
}

async function startServer(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { adminUrl: given, stop: async () => undefined };
  const directory = await mkdtemp(join(tmpdir(), "allotment-test-"));
  const postgres = await startEmbeddedPostgres({ directory, throwaway: true });
  return {
    adminUrl: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function runAsAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

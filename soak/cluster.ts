import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrateDatabase } from "../src/database.js";
import { startEmbeddedPostgres } from "../src/embedded-postgres/start-embedded-postgres.js";

/** Copies of one template must not overlap: PostgreSQL refuses to copy a database that is in use. */
const TEMPLATE_LOCK = 715_203;

/** A database of one history. */
export interface SoakDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** One PostgreSQL for a whole soak; each history gets a copy of the migrated, empty database. */
export interface Cluster {
  createDatabase(): Promise<SoakDatabase>;
  stop(): Promise<void>;
}

/** @param adminUrl of a server to use; left out: an embedded one, which is gone afterwards. */
export async function startCluster(adminUrl?: string): Promise<Cluster> {
  const server = adminUrl === undefined ? await startOwnServer() : { url: adminUrl, stop: async () => undefined };
  const template = nameOf("template");
  await asAdmin(server.url, (admin) => admin.query(`CREATE DATABASE ${template}`));
  await migrateDatabase(urlOf(server.url, template));
  const dropDatabase = (name: string) =>
    asAdmin(server.url, (admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
  return {
    async createDatabase() {
      const name = nameOf("history");
      await asAdmin(server.url, async (admin) => {
        await admin.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
        await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
      });
      return { url: urlOf(server.url, name), drop: () => dropDatabase(name) };
    },
    async stop() {
      await dropDatabase(template);
      await server.stop();
    },
  };
}

async function startOwnServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "allotment-soak-"));
  const postgres = await startEmbeddedPostgres({ directory, throwaway: true });
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function asAdmin(adminUrl: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function nameOf(what: string): string {
  return `allotment_soak_${what}_${randomBytes(6).toString("hex")}`;
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

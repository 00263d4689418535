import type { ClientBase } from "pg";
import { WORKER_SCHEMA } from "../database.js";
import { migrations } from "../entities/index.js";

/** How a database's schema stands to this release. */
export interface MigrationState {
  readonly applied: number;
  /** Not applied yet, in their order. */
  readonly missing: readonly string[];
  /** Applied by a later release: this one does not know them. */
  readonly unknown: readonly string[];
}

const QUEUE = `${WORKER_SCHEMA} (the job queue)`;

/** Looks, and changes nothing, not even in an empty database. */
export async function readMigrations(client: ClientBase): Promise<MigrationState> {
  const { rows } = await client.query<{ ours: boolean; queue: boolean }>(
    "SELECT to_regclass('migrations') IS NOT NULL AS ours, to_regclass($1) IS NOT NULL AS queue",
    [`${WORKER_SCHEMA}.migrations`],
  );
  const applied = rows[0]?.ours ? await appliedIn(client) : [];
  const known = migrations.map((Migration) => new Migration().name);
  const missing = known.filter((name) => !applied.includes(name));
  return {
    applied: applied.length,
    missing: rows[0]?.queue ? missing : [...missing, QUEUE],
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

async function appliedIn(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("SELECT name FROM migrations ORDER BY id");
  return rows.map(({ name }) => name);
}

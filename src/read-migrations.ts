import type { ClientBase } from "pg";
import { migrations } from "./entities/index.js";
import { WORKER_SCHEMA } from "./worker-schema.js";

/** How a database's schema stands to this release. */
export interface MigrationState {
  readonly applied: number;
  /** Not applied yet, in their order. */
  readonly missing: readonly string[];
  /** Applied by a later release: this one does not know them. */
  readonly unknown: readonly string[];
}

const QUEUE = `${WORKER_SCHEMA} (the job queue)`;

/** Of a database that is not there yet. */
export const NOTHING_APPLIED: MigrationState = { applied: 0, missing: [...namesOfOurs(), QUEUE], unknown: [] };

/** Looks, and changes nothing, not even in an empty database. */
export async function readMigrations(client: ClientBase): Promise<MigrationState> {
  const { rows } = await client.query<{ ours: boolean; queue: boolean }>(
    "SELECT to_regclass('migrations') IS NOT NULL AS ours, to_regclass($1) IS NOT NULL AS queue",
    [`${WORKER_SCHEMA}.migrations`],
  );
  const applied = rows[0]?.ours ? await appliedIn(client) : [];
  const known = namesOfOurs();
  const missing = known.filter((name) => !applied.includes(name));
  return {
    applied: applied.length,
    missing: rows[0]?.queue ? missing : [...missing, QUEUE],
    unknown: applied.filter((name) => !known.includes(name)),
  };
}

/** What is to be done about a schema of a later release. */
export const LATER_REMEDY =
  "Start the release that made it, or a later one; never go back without the backup from before.";

/** @throws Error that says what to do when a later release was at work: this one would misread what that one wrote. */
export function assertNoLaterRelease({ unknown }: MigrationState): void {
  if (unknown.length > 0) throw new Error(`${describeLater(unknown)} ${LATER_REMEDY}`);
}

export function describeLater(unknown: readonly string[]): string {
  return `The database's schema is of a later release: this one does not know ${unknown.join(", ")}.`;
}

function namesOfOurs(): string[] {
  return migrations.map((Migration) => new Migration().name);
}

async function appliedIn(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("SELECT name FROM migrations ORDER BY id");
  return rows.map(({ name }) => name);
}

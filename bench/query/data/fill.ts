import type pg from "pg";
import { say } from "../../support/say.js";
import { secondsOf } from "../../support/seconds-of.js";
import { deploymentsSql } from "./deployments.js";
import { holdersSql } from "./holders.js";
import { licensesSql } from "./licenses.js";
import { COUNTS_SQL, purchasesSql } from "./purchases.js";
import type { Sizes } from "./sizes.js";

/** Indexes that only speed reading: none is needed until there is something to read. */
const READING_INDEXES_SQL = `
  SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE relnamespace = 'public'::regnamespace AND NOT indisunique`;

/**
 * Fills an empty, migrated database, set by set. Triggers are off meanwhile: they would look each foreign key up by itself,
 * and these rows refer to each other by how they are made.
 */
export async function fill(session: pg.Client, sizes: Sizes): Promise<void> {
  await session.query("SET session_replication_role = replica");
  await session.query("SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'");
  const { rows } = await session.query<{ name: string; definition: string }>(READING_INDEXES_SQL);
  for (const { name } of rows) await session.query(`DROP INDEX ${name}`);
  const steps: readonly [string, readonly string[]][] = [
    ["tokens and apps", purchasesSql(sizes)],
    ["people and devices", holdersSql(sizes)],
    ["licences", licensesSql(sizes)],
    ["statistics so far", ["ANALYZE"]],
    ["deployments and installations", deploymentsSql(sizes)],
    ["counts", [COUNTS_SQL, "DROP TABLE app_share"]],
    ["indexes", rows.map(({ definition }) => definition)],
    ["statistics", ["VACUUM (ANALYZE)", "CHECKPOINT"]],
  ];
  for (const [what, statements] of steps) {
    const seconds = await secondsOf(async () => {
      for (const statement of statements) await session.query(statement);
    });
    say(`  ${what}: ${seconds.toFixed(1)} s`);
  }
  await session.query("RESET ALL");
}

import type pg from "pg";
import { say } from "../../support/say.js";
import { secondsOf } from "../../support/seconds-of.js";
import { deploymentsSql } from "./deployments.js";
import { holdersSql } from "./holders.js";
import { licensesSql } from "./licenses.js";
import { COUNTS_SQL, purchasesSql } from "./purchases.js";
import type { Sizes } from "./sizes.js";

/**
 * Fills an empty, migrated database, set by set. Triggers are off meanwhile: they would look each foreign key up by itself,
 * and these rows refer to each other by how they are made.
 */
export async function fill(session: pg.Client, sizes: Sizes): Promise<void> {
  const steps: readonly [string, readonly string[]][] = [
    ["tokens and apps", purchasesSql(sizes)],
    ["people and devices", holdersSql(sizes)],
    ["licences", licensesSql(sizes)],
    ["deployments and installations", deploymentsSql(sizes)],
    ["counts", [COUNTS_SQL, "DROP TABLE app_share"]],
    ["statistics", ["VACUUM (ANALYZE)", "CHECKPOINT"]],
  ];
  await session.query("SET session_replication_role = replica");
  await session.query("SET synchronous_commit = off; SET work_mem = '256MB'; SET jit = off");
  for (const [what, statements] of steps) {
    const seconds = await secondsOf(async () => {
      for (const statement of statements) await session.query(statement);
    });
    say(`  ${what}: ${seconds.toFixed(1)} s`);
  }
  await session.query("RESET ALL");
}

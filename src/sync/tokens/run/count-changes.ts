import type { EntityManager } from "typeorm";
import { row } from "../../../queries/sql.js";

/** Runs a statement that writes, and counts the rows it has written. */
export async function countChanges(
  tx: EntityManager,
  statement: string,
  parameters: readonly unknown[],
): Promise<number> {
  const counted = await row<{ count: number }>(
    tx,
    `WITH written AS (${statement} RETURNING 1) SELECT count(*)::int AS count FROM written`,
    parameters,
  );
  return counted?.count ?? 0;
}

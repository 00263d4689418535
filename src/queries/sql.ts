import type { DataSource, EntityManager } from "typeorm";

/** Whoever can run a statement: a transaction, or the pool where one statement is enough. */
export type Reader = EntityManager | DataSource;

/** Runs one statement and returns its rows, whatever its kind. */
export async function rows<Row>(db: Reader, text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  const result: unknown = await db.query(text, [...parameters]);
  return isCountedResult(result) ? (result[0] as Row[]) : (result as Row[]);
}

/** The one row of a statement; null when there is none. */
export async function row<Row>(db: Reader, text: string, parameters: readonly unknown[] = []): Promise<Row | null> {
  const [first] = await rows<Row>(db, text, parameters);
  return first ?? null;
}

/** TypeORM answers an UPDATE or DELETE with [rows, count], everything else with rows. */
function isCountedResult(result: unknown): result is [unknown[], number] {
  return Array.isArray(result) && result.length === 2 && Array.isArray(result[0]) && typeof result[1] === "number";
}

import pg from "pg";
import { vi } from "vitest";

/** A statement as it went to PostgreSQL. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The change feed asks it now and then, whatever is done. */
const HEARTBEAT = "SELECT 1";

/** What all of this process asks of PostgreSQL while something is done, in its order. */
export async function recordStatements<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly statements: readonly Statement[] }> {
  const query = vi.spyOn(pg.Client.prototype, "query");
  try {
    const result = await work();
    const statements = query.mock.calls.map((call) => statementOf(call)).filter(({ text }) => text !== HEARTBEAT);
    return { result, statements };
  } finally {
    query.mockRestore();
  }
}

/** `query(text, values)`, or `query({ text, values })`. */
function statementOf([query, values]: readonly unknown[]): Statement {
  if (typeof query === "string") return { text: query, values: Array.isArray(values) ? values : [] };
  const { text, values: own = [] } = query as { text: string; values?: unknown[] };
  return { text, values: own };
}

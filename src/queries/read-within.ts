import pg from "pg";
import type { DataSource, QueryRunner } from "typeorm";
import { DatabaseAway } from "./database-away.js";
import type { Deadline } from "./deadline.js";

/** To tell the server that a statement is to end. */
const CANCEL_WITHIN_MS = 2_000;

/**
 * The same database, whose statements end with a deadline: the caller is told at once, and PostgreSQL works no further on
 * them. Only what `query` reads; transactions are as they were.
 */
export function readWithin(dataSource: DataSource, deadline: Deadline): DataSource {
  const query = (text: string, parameters?: unknown[]) => run(dataSource, deadline, text, parameters);
  return Object.create(dataSource, { query: { value: query } }) as DataSource;
}

/** @throws AppError LIMIT_EXCEEDED when the deadline passes first; DatabaseAway when the statement is not what took so long. */
async function run(dataSource: DataSource, deadline: Deadline, text: string, parameters?: unknown[]): Promise<unknown> {
  const remainingMs = deadline.remainingMs;
  if (remainingMs === Number.POSITIVE_INFINITY) return dataSource.query(text, parameters);
  if (remainingMs <= 0) throw deadline.passed();
  const endsAt = performance.now() + remainingMs;
  const runner = dataSource.createQueryRunner();
  const connecting: Promise<{ readonly processID: number }> = runner.connect();
  if (!(await settlesBefore(endsAt, connecting))) {
    releaseAfter(connecting, runner);
    throw deadline.passed(DatabaseAway);
  }
  const { processID } = await connecting;
  const statement = dataSource.query(text, parameters, runner);
  const inTime = await settlesBefore(endsAt, statement);
  // Before its session is another's.
  const isReached = inTime || (await cancel(dataSource, processID));
  releaseAfter(statement, runner);
  if (!inTime) throw deadline.passed(isReached ? undefined : DatabaseAway);
  return statement;
}

/** Whether it is over by then, well or not. */
export async function settlesBefore(endsAt: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, endsAt - performance.now()), false);
  });
  const over = () => true;
  try {
    return await Promise.race([work.then(over, over), late]);
  } finally {
    clearTimeout(timer);
  }
}

function releaseAfter(work: Promise<unknown>, runner: QueryRunner): void {
  const release = () => runner.release();
  void work.then(release, release);
}

/**
 * On a session of its own, since all of the pool may be waiting for the like.
 * @returns whether the server was told: one that is not reached ends nothing
 */
export async function cancel(dataSource: DataSource, processId: number): Promise<boolean> {
  const { url } = dataSource.options as { readonly url?: string };
  const session = new pg.Client({
    connectionString: url,
    application_name: "allotment deadlines",
    connectionTimeoutMillis: CANCEL_WITHIN_MS,
    query_timeout: CANCEL_WITHIN_MS,
  });
  session.on("error", () => undefined);
  try {
    await session.connect();
    await session.query("SELECT pg_cancel_backend($1)", [processId]);
    return true;
  } catch {
    // The statement ends by itself, and the caller is told all the same.
    return false;
  } finally {
    await session.end().catch(() => undefined);
  }
}

import type pg from "pg";
import type { DataSource } from "typeorm";
import type { Deadline } from "../deadline.js";
import { cancel, settlesBefore } from "../read-within.js";
import type { Statement } from "./template.js";

/** A statement that was run as often is worth a plan that its session keeps. */
const WORTH_KEEPING = 3;
/** A session that keeps more plans is ended, and another one takes its place. */
const MOST_KEPT = 300;

/** A session of the pool, and the number by which PostgreSQL knows it. */
type Session = pg.PoolClient & { readonly processID: number };

/** The plans that each session keeps. */
const kept = new WeakMap<Session, Set<string>>();

/**
 * The one text that a statement gives, on a session of TypeORM's pool, without TypeORM.
 * @throws AppError LIMIT_EXCEEDED when the deadline passes first; what the driver throws.
 */
export async function runStatement(
  db: DataSource,
  statement: Statement,
  values: unknown[],
  deadline: Deadline,
): Promise<string> {
  const endsAt = performance.now() + deadline.remainingMs;
  const { master: pool } = db.driver as unknown as { readonly master: pg.Pool };
  const isFree = pool.idleCount > 0;
  const connecting = pool.connect() as Promise<Session>;
  if (!isFree && !(await settlesBefore(endsAt, connecting))) {
    void connecting.then(release, ignore);
    throw deadline.passed();
  }
  const session = await connecting;
  const running = session.query<[string]>({
    ...keep(session, statement),
    text: statement.text,
    values,
    rowMode: "array",
  });
  const inTime = await settlesBefore(endsAt, running);
  // Before its session is another's.
  if (!inTime) await cancel(db, session.processID);
  const over = () => release(session);
  void running.then(over, over);
  if (!inTime) throw deadline.passed();
  const [row] = (await running).rows;
  return row?.[0] ?? "";
}

/** Names a statement whose plan the session is to keep. */
function keep(session: Session, statement: Statement): { readonly name?: string } {
  statement.uses += 1;
  if (statement.uses <= WORTH_KEEPING) return {};
  namesOf(session).add(statement.name);
  return { name: statement.name };
}

function namesOf(session: Session): Set<string> {
  const known = kept.get(session);
  if (known) return known;
  const names = new Set<string>();
  kept.set(session, names);
  return names;
}

function release(session: Session): void {
  session.release(namesOf(session).size > MOST_KEPT);
}

function ignore(): void {}

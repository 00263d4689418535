import pg from "pg";
import type { DataSource } from "typeorm";
import type { Deadline } from "../deadline.js";
import { cancel, settlesBefore } from "../read-within.js";
import type { Statement } from "./template.js";
import { type Turns, turnsAt } from "./turns.js";

/** A statement that was run as often is worth a plan that its session keeps. */
const WORTH_KEEPING = 3;
/**
 * Characters of all statements whose plans a session keeps; PostgreSQL has about 80 bytes for each of them, in each session. A
 * session that keeps more is ended, and another one takes its place.
 */
const MOST_KEPT = 400_000;
/** One this long would end its session too often. */
const LONGEST_KEPT = 100_000;

/** A session of the pool, and the number by which PostgreSQL knows it. */
type Session = pg.PoolClient & { readonly processID: number };

/** The plans that a session keeps. */
interface Kept {
  readonly names: Set<string>;
  characters: number;
}

const kept = new WeakMap<Session, Kept>();

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
  const turns = turnsAt(pool);
  // Those that wait already are served first.
  const isFree = turns.isFree && pool.idleCount > pool.waitingCount;
  const connecting = connect(pool, turns);
  if (!isFree && !(await settlesBefore(endsAt, connecting))) {
    void connecting.then((session) => release(session, turns), ignore);
    throw deadline.passed();
  }
  const session = await connecting;
  // One that is lost says so beside failing its statement; with nobody to hear it, that would end the process.
  session.on("error", ignore);
  const running = textOf(session, {
    ...keep(session, statement),
    text: statement.text,
    values,
    rowMode: "array",
  });
  const inTime = await settlesBefore(endsAt, running);
  // Before its session is another's.
  if (!inTime) await cancel(db, session.processID);
  void running.then(
    () => release(session, turns),
    (error: unknown) => release(session, turns, isLoss(error)),
  );
  if (!inTime) throw deadline.passed();
  return running;
}

/** At once, if it may: whoever comes after sees what is left. */
function connect(pool: pg.Pool, turns: Turns): Promise<Session> {
  const turn = turns.begin();
  const connecting = (turn ? turn.then(() => pool.connect()) : pool.connect()) as Promise<Session>;
  connecting.catch(() => turns.end());
  return connecting;
}

/** By callback: a promise of the driver's holds what the requests before it had, until the whole heap is swept. */
function textOf(session: Session, query: pg.QueryArrayConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    session.query<[string]>(query, (error, result) => (error ? reject(error) : resolve(result.rows[0]?.[0] ?? "")));
  });
}

/** Names a statement whose plan the session is to keep. */
function keep(session: Session, statement: Statement): { readonly name?: string } {
  const { name, text } = statement;
  statement.uses += 1;
  if (statement.uses <= WORTH_KEEPING || text.length > LONGEST_KEPT) return {};
  const own = keptBy(session);
  if (!own.names.has(name)) own.characters += text.length;
  own.names.add(name);
  return { name };
}

function keptBy(session: Session): Kept {
  const known = kept.get(session) ?? { names: new Set(), characters: 0 };
  kept.set(session, known);
  return known;
}

/** @param isLost the pool must not hand it on, though its connection may not have closed yet. */
function release(session: Session, turns: Turns, isLost = false): void {
  session.off("error", ignore);
  session.release(isLost || keptBy(session).characters > MOST_KEPT);
  turns.end();
}

/** Whether a statement failed since its session has ended: all else PostgreSQL tells by a code of its own. */
function isLoss(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || (error.code ?? "").startsWith("57P");
}

function ignore(): void {}

import type { EntityManager } from "typeorm";
import { AppError } from "../errors.js";
import { row } from "../queries/sql.js";
import type { Core } from "./core.js";
import { inTransaction } from "./in-transaction.js";

/** Who asks for a change, and under which name he may ask again. */
export interface Request {
  readonly actor: string;
  readonly mutation: string;
  readonly idempotencyKey: string | null;
  readonly input: unknown;
}

/** A change in two parts: what the network must say first, and what is then written in one transaction (rule 8). */
export interface Change<Prepared, Answer> {
  prepare(): Promise<Prepared>;
  commit(tx: EntityManager, prepared: Prepared): Promise<Answer>;
}

/**
 * Makes a change once for one idempotency key: the same key and input get the first answer again, another input is a
 * CONFLICT. The answer is committed with the change, so a crash leaves both or neither.
 * @param change `Answer` must survive JSON: ids, not objects.
 */
export async function once<Prepared, Answer extends Record<string, unknown>>(
  core: Core,
  request: Request,
  change: Change<Prepared, Answer>,
): Promise<Answer> {
  const first = await firstAnswer<Answer>(core.dataSource.manager, core, request);
  if (first) return first;
  const prepared = await change.prepare();
  return inTransaction(core, (tx) => commitOnce(tx, core, request, change, prepared));
}

async function commitOnce<Prepared, Answer extends Record<string, unknown>>(
  tx: EntityManager,
  core: Core,
  request: Request,
  change: Change<Prepared, Answer>,
  prepared: Prepared,
): Promise<Answer> {
  if (request.idempotencyKey !== null) {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `mutation:${request.actor}:${request.idempotencyKey}`,
    ]);
    const raced = await firstAnswer<Answer>(tx, core, request);
    if (raced) return raced;
  }
  const answer = await change.commit(tx, prepared);
  await remember(tx, core, request, answer);
  return answer;
}

async function firstAnswer<Answer>(db: EntityManager, { secrets }: Core, request: Request): Promise<Answer | null> {
  if (request.idempotencyKey === null) return null;
  const known = await row<{ mutation: string; input_digest: string | null; answer: Answer }>(
    db,
    "SELECT mutation, input_digest, answer FROM mutation_answer WHERE actor = $1 AND idempotency_key = $2",
    [request.actor, request.idempotencyKey],
  );
  if (!known) return null;
  const { input_digest: first } = known;
  const isSameInput = first === null || secrets.isDigest(first, JSON.stringify(request.input));
  if (known.mutation !== request.mutation || !isSameInput) {
    throw new AppError(
      "CONFLICT",
      "This idempotency key was used for another request. Use a new key for a new request.",
      { idempotencyKey: request.idempotencyKey, mutation: known.mutation },
    );
  }
  return known.answer;
}

async function remember(
  tx: EntityManager,
  core: Core,
  request: Request,
  answer: Record<string, unknown>,
): Promise<void> {
  if (request.idempotencyKey === null) return;
  await tx.query(
    `INSERT INTO mutation_answer (actor, idempotency_key, mutation, input_digest, answer, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      request.actor,
      request.idempotencyKey,
      request.mutation,
      core.secrets.digest(JSON.stringify(request.input)),
      JSON.stringify(answer),
      core.clock.now(),
    ],
  );
}

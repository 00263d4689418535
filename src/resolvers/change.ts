import type { EntityManager } from "typeorm";
import { AppError } from "../errors.js";
import type { MutationInput } from "../schema/mutations/mutation-input.js";
import { once } from "../sync/once.js";
import type { Context } from "./context.js";

interface Steps<Prepared, Answer> {
  /** What the network must say first. */
  readonly prepare?: () => Promise<Prepared>;
  /** What is written, and which ids are answered. */
  readonly commit: (tx: EntityManager, prepared: Prepared) => Promise<Answer>;
}

/** Makes a change once for the input's idempotency key, in the name of who asks. */
export async function change<Prepared, Answer extends Record<string, unknown>>(
  { core, actor }: Context,
  mutation: string,
  input: MutationInput,
  { prepare = async () => undefined as Prepared, commit }: Steps<Prepared, Answer>,
): Promise<Answer> {
  refuseNul(input);
  const idempotencyKey = input.idempotencyKey ?? null;
  return once(core, { actor, mutation, idempotencyKey, input }, { prepare, commit });
}

/** PostgreSQL's text cannot hold U+0000. */
function refuseNul(value: unknown): void {
  if (typeof value === "string" && value.includes("\0")) {
    throw new AppError("INVALID_INPUT", "A text holds the character U+0000, which nothing here can. Leave it out.");
  }
  if (typeof value === "object" && value !== null) Object.entries(value).flat().forEach(refuseNul);
}

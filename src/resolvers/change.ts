import type { EntityManager } from "typeorm";
import { AuditOutcome } from "../entities/audit-event.js";
import { AppError } from "../errors.js";
import type { MutationInput } from "../schema/mutations/mutation-input.js";
import { writeAuditEvent } from "../sync/access/write-audit-event.js";
import { once } from "../sync/once.js";
import type { Context } from "./context.js";

interface Steps<Prepared, Answer> {
  /** What the network must say first. */
  readonly prepare?: () => Promise<Prepared>;
  /** What is written, and which ids are answered. */
  readonly commit: (tx: EntityManager, prepared: Prepared) => Promise<Answer>;
}

/** Makes a change once for the input's idempotency key, in the name of who asks, and tells of it in the same transaction. */
export async function change<Prepared, Answer extends Record<string, unknown>>(
  { core, actor, mutation: made }: Context,
  mutation: string,
  input: MutationInput,
  { prepare = async () => undefined as Prepared, commit }: Steps<Prepared, Answer>,
): Promise<Answer> {
  if (!made) throw new Error(`${mutation} is made outside a mutation`);
  refuseNul(input);
  const tell = (tx: EntityManager, outcome: AuditOutcome) => writeAuditEvent(tx, core, made.asked, { outcome });
  const idempotencyKey = input.idempotencyKey ?? null;
  let isRepeated = true;
  const answer = await once(
    core,
    { actor, mutation, idempotencyKey, input },
    {
      prepare,
      commit: async (tx, prepared) => {
        isRepeated = false;
        const written = await commit(tx, prepared);
        await tell(tx, AuditOutcome.DONE);
        return written;
      },
    },
  );
  made.isTold = true;
  if (isRepeated) await tell(core.dataSource.manager, AuditOutcome.REPEATED);
  return answer;
}

/** PostgreSQL's text cannot hold U+0000. */
function refuseNul(value: unknown): void {
  if (typeof value === "string" && value.includes("\0")) {
    throw new AppError("INVALID_INPUT", "A text holds the character U+0000, which nothing here can. Leave it out.");
  }
  if (typeof value === "object" && value !== null) Object.entries(value).flat().forEach(refuseNul);
}

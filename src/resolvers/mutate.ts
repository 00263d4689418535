import { AuditOutcome } from "../entities/audit-event.js";
import { AppError } from "../errors.js";
import { type Access, type MutationCall, requireAccess } from "../schema/access.js";
import { type KeptInput, keptInput, keptText } from "../schema/kept-input.js";
import { type AskedMutation, writeAuditEvent } from "../sync/access/write-audit-event.js";
import type { Context } from "./context.js";
import { requireInScope } from "./require-in-scope.js";

/** A mutation that is being made: what is to be told of it, and whether that is written already. */
export class Mutation {
  isTold = false;

  constructor(readonly asked: AskedMutation) {}
}

/** Makes a mutation if its rule allows it. Whatever becomes of it, an audit event tells. */
export async function mutate(
  context: Context,
  call: MutationCall,
  make: (context: Context) => unknown,
): Promise<unknown> {
  const mutation = new Mutation(askedFor(context, call));
  context.begunMutations.push(call.field.name);
  try {
    requireAccess(context.access, call.rule, `\`${call.field.name}\``);
    requireTeam(context.access);
    await requireInScope(context.scoped, call);
    return await make({ ...context, mutation });
  } catch (error) {
    if (!mutation.isTold) await tellOfRefusal(context, mutation.asked, error);
    throw error;
  }
}

/** What somebody makes who is of no team would be seen by nobody of that kind, not even by its maker. */
function requireTeam({ teams }: Access): void {
  if (teams === null || teams.length > 0) return;
  throw new AppError(
    "FORBIDDEN",
    "You are of no team, so there is nothing that you may change. Ask an admin for a team.",
  );
}

function askedFor({ access, requestId }: Context, { field, args }: MutationCall): AskedMutation {
  const [argument] = field.args;
  const kept = argument ? keptInput(argument.type, args[argument.name]) : null;
  const { idempotencyKey = null, ...input } = (kept ?? {}) as Readonly<Record<string, KeptInput>>;
  return {
    actor: access.actor,
    role: access.role,
    teams: access.teams,
    mutation: field.name,
    input,
    idempotencyKey: typeof idempotencyKey === "string" ? keptText(idempotencyKey) : null,
    requestId,
  };
}

/** What was refused is refused also when nobody can be told of it. */
async function tellOfRefusal({ core }: Context, asked: AskedMutation, error: unknown): Promise<void> {
  const code = error instanceof AppError ? error.code : "INTERNAL";
  const outcome = code === "INTERNAL" ? AuditOutcome.FAILED : AuditOutcome.REFUSED;
  try {
    await writeAuditEvent(core.dataSource.manager, core, asked, { outcome, code });
  } catch (failure) {
    const { mutation, actor, requestId } = asked;
    core.log.error({ error: failure, mutation, actor, requestId, code }, "A refused mutation cannot be told of");
  }
}

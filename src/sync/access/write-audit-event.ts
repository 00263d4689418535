import type { EntityManager } from "typeorm";
import type { AuditOutcome } from "../../entities/audit-event.js";
import type { Role } from "../../entities/role.js";
import type { ErrorCode } from "../../errors.js";
import type { Core } from "../core.js";

/** A mutation that was asked for, as it is told of afterwards. */
export interface AskedMutation {
  readonly actor: string;
  readonly role: Role;
  readonly teams: readonly string[] | null;
  readonly mutation: string;
  /** Without secrets. */
  readonly input: unknown;
  readonly idempotencyKey: string | null;
  readonly requestId: string;
}

/** Tells of a mutation; in its own transaction where it has one, so that neither is there without the other. */
export async function writeAuditEvent(
  tx: EntityManager,
  { clock }: Core,
  asked: AskedMutation,
  { outcome, code = null }: { readonly outcome: AuditOutcome; readonly code?: ErrorCode | null },
): Promise<void> {
  await tx.query(
    `INSERT INTO audit_event (id, at, actor, role, teams, mutation, input, outcome, code, idempotency_key, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      clock.uuid(),
      clock.now(),
      asked.actor,
      asked.role,
      asked.teams,
      asked.mutation,
      JSON.stringify(asked.input),
      outcome,
      code,
      asked.idempotencyKey,
      asked.requestId,
    ],
  );
}

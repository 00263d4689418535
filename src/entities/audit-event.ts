import { GraphQLJSONObject } from "graphql-scalars";
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, Index, PrimaryColumn } from "typeorm";
import { Allow } from "./allow.js";
import { moment, oneOf, textOrNull } from "./columns.js";
import { Node } from "./node.js";
import { Role } from "./role.js";

export enum AuditOutcome {
  DONE = "DONE",
  REPEATED = "REPEATED",
  REFUSED = "REFUSED",
  FAILED = "FAILED",
}
registerEnumType(AuditOutcome, {
  name: "AuditOutcome",
  description: "What became of a mutation that was asked for.",
  valuesConfig: {
    DONE: { description: "It was done; of a dry run, it was told." },
    REPEATED: { description: "It had been done under the same idempotency key, and was answered again." },
    REFUSED: { description: "It was refused; `code` says why." },
    FAILED: { description: "It failed for a reason inside the service, which its log tells under `requestId`." },
  },
});

@Allow(Role.ADMIN, { allTeams: true })
@ObjectType({
  implements: Node,
  description: "A mutation that somebody asked for, done or refused. Kept for AUDIT_DAYS.",
})
@Entity()
@Check("audit_event_role_known", oneOf("role", Role))
@Check("audit_event_outcome_known", oneOf("outcome", AuditOutcome))
@Check("audit_event_code", "(code IS NOT NULL) = (outcome IN ('REFUSED', 'FAILED'))")
@Index("audit_event_at", ["at", "id"])
@Index("audit_event_of_actor", ["actor", "at", "id"])
@Index("audit_event_of_mutation", ["mutation", "at", "id"])
@Index("audit_event_of_outcome", ["outcome", "at", "id"])
export class AuditEvent extends Node {
  @PrimaryColumn("uuid")
  id!: string;

  @Field(() => Date, { description: "When." })
  @Column(moment)
  at!: Date;

  @Field(() => String, {
    description:
      "Who: `admin` by the key of this installation, `key:` and a key's name, or `oidc:` and whom the issuer names.",
  })
  @Column("text")
  actor!: string;

  @Field(() => Role, { description: "The role that the actor had." })
  @Column("text")
  role!: Role;

  @Field(() => [String], { nullable: true, description: "The teams that the actor was limited to; null for none." })
  @Column("text", { array: true, nullable: true })
  teams!: string[] | null;

  @Field(() => String, { description: "The mutation's name." })
  @Column("text")
  mutation!: string;

  @Field(() => GraphQLJSONObject, {
    description:
      "What was asked for. Secrets and the values of settings are masked; texts are cut after 500 characters, lists after 100 items. Empty where the whole request was refused, for what it holds or how much it asks: nobody knows then which of it is secret.",
  })
  @Column("jsonb")
  input!: Record<string, unknown>;

  @Field(() => AuditOutcome, { description: "What became of it." })
  @Column("text")
  outcome!: AuditOutcome;

  @Field(() => String, { nullable: true, description: "The error's code, when it was refused or failed." })
  @Column(textOrNull)
  code!: string | null;

  @Field(() => String, { nullable: true, description: "The idempotency key that it was asked for under." })
  @Column(textOrNull)
  idempotencyKey!: string | null;

  @Field(() => String, { description: "The request's `x-request-id`." })
  @Column("text")
  requestId!: string;
}

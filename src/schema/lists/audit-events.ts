import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { AuditEvent, AuditOutcome } from "../../entities/audit-event.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which audit events to list: those that meet all that is given." })
class AuditEventFilter {
  @Field(() => String, { nullable: true, description: "Of this actor." })
  actor?: string | null;

  @Field(() => String, { nullable: true, description: "Of the mutation of this name." })
  mutation?: string | null;

  @Field(() => AuditOutcome, { nullable: true, description: "With this outcome." })
  outcome?: AuditOutcome | null;

  @Field(() => Date, { nullable: true, description: "At this moment or later." })
  since?: Date | null;

  @Field(() => Date, { nullable: true, description: "Before this moment." })
  before?: Date | null;
}

export const AuditEventListArgs = filteredArgs(AuditEventFilter);
export type AuditEventListArgs = InstanceType<typeof AuditEventListArgs>;

export const AuditEventConnection = connectionOf("AuditEvent", "audit events", () => AuditEvent);

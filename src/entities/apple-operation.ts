import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from "typeorm";
import { bigintOrNull, moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { HolderKind, LicenseCause } from "./license.js";
import { Node, TokenScopedNode } from "./node.js";
import { StoreApp } from "./store-app.js";
import { Token } from "./token.js";

/** So often an operation is sent at most, but for returns: those go on, daily. */
export const USUAL_ATTEMPTS = 5;

export enum AppleOperationIntent {
  ASSOCIATE = "ASSOCIATE",
  DISASSOCIATE = "DISASSOCIATE",
  CREATE_USERS = "CREATE_USERS",
  RETIRE_USERS = "RETIRE_USERS",
}
registerEnumType(AppleOperationIntent, {
  name: "AppleOperationIntent",
  description: "What is to change at Apple.",
  valuesConfig: {
    ASSOCIATE: { description: "Give licences of one app to holders." },
    DISASSOCIATE: { description: "Take licences of one app back from holders." },
    CREATE_USERS: { description: "Register users." },
    RETIRE_USERS: { description: "End registrations." },
  },
});

export enum AppleOperationState {
  PENDING = "PENDING",
  SENDING = "SENDING",
  SENT = "SENT",
  UNKNOWN = "UNKNOWN",
  PAUSED = "PAUSED",
  DONE = "DONE",
  FAILED = "FAILED",
  ABANDONED = "ABANDONED",
}
registerEnumType(AppleOperationState, {
  name: "AppleOperationState",
  description: "Where an intended change at Apple stands.",
  valuesConfig: {
    PENDING: { description: "Committed here, to be sent at `nextAttemptAt`." },
    SENDING: { description: "Being sent: Apple may or may not have it." },
    SENT: { description: "Apple has taken it and works on it." },
    UNKNOWN: { description: "What became of it is being looked up at Apple." },
    PAUSED: { description: "The token may not write: no attempts, no deadlines." },
    DONE: { description: "Over: every holder has an outcome." },
    FAILED: { description: "Given up after the last attempt; every holder has an outcome." },
    ABANDONED: { description: "An admin gave it up (`abandonAppleOperation`); every holder has an outcome." },
  },
});

export enum HolderOutcome {
  OPEN = "OPEN",
  DONE = "DONE",
  FAILED = "FAILED",
  ABANDONED = "ABANDONED",
}
registerEnumType(HolderOutcome, {
  name: "HolderOutcome",
  description: "What became of an intended change for one holder.",
  valuesConfig: {
    OPEN: { description: "Not known yet." },
    DONE: { description: "It is so at Apple." },
    FAILED: { description: "It is not so, and will not be by this operation." },
    ABANDONED: { description: "Given up without Apple's word: it may be so or not; `detail` says what may leak." },
  },
});

@ObjectType({
  implements: Node,
  description: "One intended change at Apple, with its attempts and its outcome for each holder.",
})
@Entity()
@Check("apple_operation_intent_known", oneOf("intent", AppleOperationIntent))
@Check("apple_operation_state_known", oneOf("state", AppleOperationState))
@Check("apple_operation_sent_has_event", "state <> 'SENT' OR event_id IS NOT NULL")
@Check("apple_operation_cause_known", oneOf("cause", LicenseCause))
@Check("apple_operation_abandoned_by_someone", "(state = 'ABANDONED') = (abandoned_by IS NOT NULL)")
@Index("apple_operation_open", ["tokenId", "nextAttemptAt", "id"], { where: "ended_at IS NULL" })
@Index("apple_operation_state", ["state", "tokenId", "id"])
@Index("apple_operation_intent", ["intent", "tokenId", "id"], { where: "intent <> 'ASSOCIATE'" })
@Index("apple_operation_created", ["createdAt", "tokenId", "id"])
@Index("apple_operation_of_app", ["tokenId", "storeAppId", "id"], { where: "store_app_id IS NOT NULL" })
@Index("apple_operation_ended", ["endedAt"], { where: "ended_at IS NOT NULL" })
@Index("apple_operation_event", ["tokenId", "eventId"], { where: "event_id IS NOT NULL" })
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "apple_operation_token_fk", onDelete: "CASCADE" })
@ForeignKey(() => StoreApp, ["tokenId", "storeAppId"], ["tokenId", "id"], {
  name: "apple_operation_store_app_fk",
  onDelete: "CASCADE",
})
export class AppleOperation extends TokenScopedNode {
  @Field(() => AppleOperationIntent, { description: "What is to change." })
  @Column("text")
  intent!: AppleOperationIntent;

  @Field(() => AppleOperationState, { description: "Where it stands." })
  @Column("text")
  state!: AppleOperationState;

  /** The one app of an association or its reverse. */
  @Column(bigintOrNull)
  storeAppId!: string | null;

  @Field(() => Int, { description: "How often it was sent." })
  @Column("integer", { default: 0 })
  attempts!: number;

  /** Those of them that were made when an admin last had it tried again: they do not count towards the five. */
  @Column("integer", { default: 0 })
  forgivenAttempts!: number;

  @Field(() => Date, { description: "When it is next sent or looked at." })
  @Column(moment)
  nextAttemptAt!: Date;

  /** Of the present step: the answer to the POST, or the event's end. */
  @Column(momentOrNull)
  deadlineAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Apple's id of the event it became." })
  @Column(textOrNull)
  eventId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "What went wrong last: Apple's error number or the transport's fault.",
  })
  @Column(textOrNull)
  lastError!: string | null;

  @Field(() => LicenseCause, { description: "Why it is wanted." })
  @Column("text")
  cause!: LicenseCause;

  @Field(() => String, { description: "Who wants it." })
  @Column("text")
  actor!: string;

  @Field(() => Date, { description: "When it was decided." })
  @Column(moment)
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: "When every holder had an outcome." })
  @Column(momentOrNull)
  endedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "Who gave it up; null if nobody did." })
  @Column(textOrNull)
  abandonedBy!: string | null;
}

@ObjectType({ description: "What became of an intended change for one holder." })
@Entity()
@Check("apple_operation_holder_kind_known", oneOf("holder_kind", HolderKind))
@Check("apple_operation_holder_outcome_known", oneOf("outcome", HolderOutcome))
@ForeignKey(() => AppleOperation, ["tokenId", "operationId"], ["tokenId", "id"], {
  name: "apple_operation_holder_operation_fk",
  onDelete: "CASCADE",
})
export class AppleOperationHolder {
  @PrimaryColumn("uuid")
  tokenId!: string;

  @PrimaryColumn("bigint")
  operationId!: string;

  @Field(() => HolderKind, { description: "What holds." })
  @PrimaryColumn("text")
  holderKind!: HolderKind;

  @Field(() => String, { description: "The holder as Apple spells it." })
  @PrimaryColumn("text")
  holderKey!: string;

  /** The License of an association or its reverse. */
  @Column(bigintOrNull)
  licenseId!: string | null;

  /** The AppleUser to be registered or retired. */
  @Column(bigintOrNull)
  appleUserId!: string | null;

  @Field(() => HolderOutcome, { description: "What became of it." })
  @Column("text", { default: HolderOutcome.OPEN })
  outcome!: HolderOutcome;

  @Field(() => Int, { nullable: true, description: "Apple's error number for this holder." })
  @Column("integer", { nullable: true })
  errorNumber!: number | null;

  @Field(() => String, { nullable: true, description: "What went wrong, in a sentence." })
  @Column(textOrNull)
  detail!: string | null;

  @Field(() => String, { nullable: true, description: "What to do about it." })
  @Column(textOrNull)
  remedy!: string | null;
}

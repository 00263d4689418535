import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { Check, Column, Entity, ForeignKey, Index } from "typeorm";
import { moment, momentOrNull, oneOf, textOrNull } from "./columns.js";
import { Node, TokenScopedNode } from "./node.js";
import { Token } from "./token.js";

export enum SyncMode {
  FULL = "FULL",
  DELTA = "DELTA",
}
registerEnumType(SyncMode, {
  name: "SyncMode",
  description: "How much is read.",
  valuesConfig: {
    FULL: { description: "Everything." },
    DELTA: { description: "What changed since the last read, and each app whose count moved." },
  },
});

export enum SyncTrigger {
  ADDED = "ADDED",
  MANUAL = "MANUAL",
  SCHEDULE = "SCHEDULE",
  RECOVERY = "RECOVERY",
  NOTIFICATION = "NOTIFICATION",
}
registerEnumType(SyncTrigger, {
  name: "SyncTrigger",
  description: "Why a synchronisation ran.",
  valuesConfig: {
    ADDED: { description: "The token was added." },
    MANUAL: { description: "Somebody asked for it." },
    SCHEDULE: { description: "Its time had come." },
    RECOVERY: { description: "Something was left uncertain." },
    NOTIFICATION: { description: "Apple told of a change." },
  },
});

export enum SyncRunState {
  QUEUED = "QUEUED",
  RUNNING = "RUNNING",
  SUCCEEDED = "SUCCEEDED",
  HELD_BACK = "HELD_BACK",
  FAILED = "FAILED",
  CANCELLED = "CANCELLED",
}
registerEnumType(SyncRunState, {
  name: "SyncRunState",
  description: "How a synchronisation goes.",
  valuesConfig: {
    QUEUED: { description: "Not begun." },
    RUNNING: { description: "Under way." },
    SUCCEEDED: { description: "Our data is Apple's, as of its start." },
    HELD_BACK: {
      description: "It would have ended too many holdings at once; nothing was changed until an equal second read.",
    },
    FAILED: { description: "Given up; `error` says why. What was read before is kept only if it was complete." },
    CANCELLED: { description: "Stopped by somebody; what had been merged until then stays." },
  },
});

export enum SyncPhase {
  CONFIG = "CONFIG",
  ASSETS = "ASSETS",
  USERS = "USERS",
  ASSIGNMENTS = "ASSIGNMENTS",
  MERGE = "MERGE",
  RECHECK = "RECHECK",
}
registerEnumType(SyncPhase, {
  name: "SyncPhase",
  description: "What a synchronisation is doing.",
  valuesConfig: {
    CONFIG: { description: "Is the token valid, and the location still ours?" },
    ASSETS: { description: "Reading apps and counts." },
    USERS: { description: "Reading registrations." },
    ASSIGNMENTS: { description: "Reading holdings." },
    MERGE: { description: "Bringing our data in step." },
    RECHECK: { description: "Reading again the apps whose holdings are missing or whose counts differ." },
  },
});

@ObjectType({
  implements: Node,
  description: "One synchronisation of one token. Kept for 90 days; the newest 20 of each token longer.",
})
@Entity()
@Check("sync_run_mode_known", oneOf("mode", SyncMode))
@Check("sync_run_trigger_known", oneOf("trigger", SyncTrigger))
@Check("sync_run_state_known", oneOf("state", SyncRunState))
@Check("sync_run_phase_known", oneOf("phase", SyncPhase))
@Index("sync_run_of_token", ["tokenId", "startedAt", "id"])
@Index("sync_run_started", ["startedAt", "tokenId", "id"])
@Index("sync_run_ended", ["endedAt"], { where: "ended_at IS NOT NULL" })
@Index("sync_run_state", ["state", "tokenId", "id"])
@Index("sync_run_mode", ["mode", "tokenId", "id"])
@Index("sync_run_trigger", ["trigger", "tokenId", "id"])
@Index("sync_run_open", ["tokenId"], { unique: true, where: "ended_at IS NULL" })
@ForeignKey(() => Token, ["tokenId"], ["id"], { name: "sync_run_token_fk", onDelete: "CASCADE" })
export class SyncRun extends TokenScopedNode {
  @Field(() => SyncMode, { description: "How much was read." })
  @Column("text")
  mode!: SyncMode;

  @Field(() => SyncTrigger, { description: "Why it ran." })
  @Column("text")
  trigger!: SyncTrigger;

  @Field(() => SyncRunState, { description: "How it goes." })
  @Column("text")
  state!: SyncRunState;

  @Field(() => SyncPhase, { nullable: true, description: "What it is doing; null before it begins." })
  @Column(textOrNull)
  phase!: SyncPhase | null;

  @Field(() => Int, { description: "How often it was begun anew, after a crash or while Apple was away." })
  @Column("integer", { default: 0 })
  attempts!: number;

  @Field(() => Int, { description: "Pages read." })
  @Column("integer", { default: 0 })
  pagesRead!: number;

  @Field(() => Int, { description: "Pages known to exist so far." })
  @Column("integer", { default: 0 })
  pagesKnown!: number;

  @Field(() => Int, { description: "Rows added: apps, registrations and holdings." })
  @Column("integer", { default: 0 })
  rowsAdded!: number;

  @Field(() => Int, { description: "Rows changed." })
  @Column("integer", { default: 0 })
  rowsChanged!: number;

  @Field(() => Int, { description: "Holdings ended." })
  @Column("integer", { default: 0 })
  rowsEnded!: number;

  @Field(() => [String], { description: "What an admin should know." })
  @Column("text", { array: true, default: "{}" })
  warnings!: string[];

  /** The holdings that a held-back read would have ended, as a hash: an equal second read has the same (rule 6). */
  @Column(textOrNull)
  shrinkDigest!: string | null;

  @Field(() => String, { nullable: true, description: "Why it failed." })
  @Column(textOrNull)
  error!: string | null;

  @Field(() => Date, { description: "When it was asked for." })
  @Column(moment)
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: "When it ended." })
  @Column(momentOrNull)
  endedAt!: Date | null;
}

import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { SyncMode, SyncRun, SyncRunState, SyncTrigger } from "../../entities/sync-run.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which synchronisations to list: those that meet all that is given." })
class SyncRunFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => [SyncRunState], { nullable: true, description: "In one of these states." })
  state?: SyncRunState[] | null;

  @Field(() => SyncMode, { nullable: true, description: "Full ones only, or deltas only." })
  mode?: SyncMode | null;

  @Field(() => [SyncTrigger], { nullable: true, description: "That ran for one of these reasons." })
  trigger?: SyncTrigger[] | null;
}

const SyncRunOrder = orderOf("SyncRun", {
  STARTED_AT: "When it was asked for.",
});

export const SyncRunListArgs = listArgs(SyncRunFilter, SyncRunOrder);
export type SyncRunListArgs = InstanceType<typeof SyncRunListArgs>;

export const SyncRunConnection = connectionOf("SyncRun", "synchronisations", () => SyncRun);

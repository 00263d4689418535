import "reflect-metadata";
import { Field, ID, InputType } from "type-graphql";
import { SyncRun, SyncRunState } from "../../entities/sync-run.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which synchronisations to list: those that meet all that is given." })
class SyncRunFilter {
  @Field(() => ID, { nullable: true, description: "Of this token." })
  token?: string | null;

  @Field(() => [SyncRunState], { nullable: true, description: "In one of these states." })
  state?: SyncRunState[] | null;
}

const SyncRunOrder = orderOf("SyncRun", {
  STARTED_AT: "When it was asked for.",
});

export const SyncRunListArgs = listArgs(SyncRunFilter, SyncRunOrder);
export type SyncRunListArgs = InstanceType<typeof SyncRunListArgs>;

export const SyncRunConnection = connectionOf("SyncRun", "synchronisations", () => SyncRun);

import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { Target } from "../../entities/target.js";
import { connectionOf } from "../connection.js";
import { listArgs } from "../list-args.js";
import { orderOf } from "../order.js";

@InputType({ description: "Which targets to list: those that meet all that is given." })
class TargetFilter {
  @Field(() => String, { nullable: true, description: "Made by this plugin." })
  plugin?: string | null;

  @Field(() => String, { nullable: true, description: "Whose name contains this, whatever the case." })
  nameContains?: string | null;
}

const TargetOrder = orderOf("Target", {
  NAME: "The name.",
  ADDED_AT: "When it was added.",
});

export const TargetListArgs = listArgs(TargetFilter, TargetOrder);
export type TargetListArgs = InstanceType<typeof TargetListArgs>;

export const TargetConnection = connectionOf("Target", "targets", () => Target);

import "reflect-metadata";
import { Field, InputType } from "type-graphql";
import { AppleOperationHolder, HolderOutcome } from "../../entities/apple-operation.js";
import { connectionOf } from "../connection.js";
import { filteredArgs } from "../list-args.js";

@InputType({ description: "Which holders of an operation to list: those that meet all that is given." })
class AppleOperationHolderFilter {
  @Field(() => [HolderOutcome], { nullable: true, description: "With one of these outcomes." })
  outcome?: HolderOutcome[] | null;
}

export const AppleOperationHolderListArgs = filteredArgs(AppleOperationHolderFilter);
export type AppleOperationHolderListArgs = InstanceType<typeof AppleOperationHolderListArgs>;

export const AppleOperationHolderConnection = connectionOf(
  "AppleOperationHolder",
  "holders of an operation",
  () => AppleOperationHolder,
);
